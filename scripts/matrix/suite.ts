// One Debian suite through an apt of its own: its sources list, its lists and its cache lie in a
// folder of ours, so that nothing of it reaches the machine's packages. Signatures are verified.
import { mustRun } from "../command.ts";
import { ScriptError } from "../script_error.ts";

const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** A package file as the suite's signed lists describe it. */
export interface PackageFile {
  /** `NAME_VERSION_ARCHITECTURE.deb`. */
  readonly file: string;
  /** In hexadecimal. */
  readonly sha256: string;
}

export class Suite {
  readonly #options: readonly string[];

  private constructor(readonly name: string, folder: string) {
    this.#options = [
      `Dir::Etc::SourceList=${folder}/sources.list`,
      "Dir::Etc::SourceParts=/dev/null",
      `Dir::State::Lists=${folder}/lists`,
      `Dir::Cache=${folder}/cache`,
      "Acquire::Languages=none",
      "APT::Sandbox::User=root",
      "APT::Update::Error-Mode=any", // a suite that cannot be reached is an error
    ].flatMap((option) => ["-o", option]);
  }

  /**
   * Fetches what has changed of the suite's lists.
   * @param folder where the lists stay from one run to the next
   * @throws {CommandError} when the suite cannot be reached or its signature is wrong
   */
  static async open(name: string, mirror: string, folder: URL): Promise<Suite> {
    for (const sub of ["lists/partial", "cache/archives/partial"]) {
      await Deno.mkdir(new URL(sub, folder), { recursive: true });
    }
    const line = `deb [signed-by=${KEYRING}] ${mirror} ${name} main\n`;
    await Deno.writeTextFile(new URL("sources.list", folder), line);
    const suite = new Suite(name, folder.pathname.replace(/\/$/, ""));
    await mustRun("apt-get", ["-q", ...suite.#options, "update"]);
    return suite;
  }

  /** Names that a package depends on, alternatives left out. */
  async dependencies(name: string): Promise<string[]> {
    const shown = await mustRun("apt-cache", [...this.#options, "show", "--no-all-versions", name]);
    const line = /^Depends: (.*)$/m.exec(shown)?.[1] ?? "";
    return line.split(",").map((one) => one.trim().split(/[ |]/)[0] ?? "");
  }

  /** The file that `download` would fetch. */
  async describe(name: string): Promise<PackageFile> {
    const ask = ["-q", ...this.#options, "download", "--print-uris", name];
    const output = await mustRun("apt-get", ask);
    const match = /^'[^']+' (\S+\.deb) \d+ SHA256:([0-9a-f]{64})$/m.exec(output);
    if (match === null) {
      throw new ScriptError(`apt says no SHA256 of ${name} in ${this.name}: ${output}`);
    }
    const [, file = "", sha256 = ""] = match;
    return { file, sha256 };
  }

  /** Fetches a package file into `cwd`; apt holds it against its checksum. */
  async download(name: string, cwd: URL): Promise<void> {
    await mustRun("apt-get", ["-q", ...this.#options, "download", name], { cwd });
  }
}
