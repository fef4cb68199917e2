// Debian packages as they are, fetched by the machine's own apt and unpacked beside nothing: no
// package is installed. Kept by version and checksum, which apt's signed lists say.
import { mustRun } from "../command.ts";
import { cacheFolder } from "../paths.ts";
import { say } from "../say.ts";
import { CommandError } from "../command.ts";
import { ScriptError } from "../script_error.ts";
import { exists } from "../tree.ts";

/** A package as apt's lists describe it. */
export interface PackageFile {
  /** `NAME_VERSION_ARCHITECTURE.deb`. */
  readonly file: string;
  /** In hexadecimal. */
  readonly sha256: string;
}

export interface UnpackedPackage extends PackageFile {
  readonly name: string;
  /** The folder that stands for `/`. */
  readonly root: URL;
}

/** Fetches and unpacks what is not kept yet. @throws {ScriptError} when apt cannot reach it */
export async function providePackages(names: readonly string[]): Promise<UnpackedPackage[]> {
  const unpacked: UnpackedPackage[] = [];
  for (const name of names) {
    const described = await describe(name);
    const folder = new URL(`corpus/${described.file}-${described.sha256}/`, cacheFolder());
    if (!exists(folder.pathname)) await fetchInto(folder, name, described);
    unpacked.push({ name, ...described, root: new URL("root/", folder) });
  }
  return unpacked;
}

/** What apt would download; its lists are fetched when this machine has none of the package. */
async function describe(name: string): Promise<PackageFile> {
  const ask = ["-q", "download", "--print-uris", name];
  try {
    return parseUri(await mustRun("apt-get", ask));
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    say("corpus: apt-get update");
    await mustRun("apt-get", ["-q", "update"]);
    return parseUri(await mustRun("apt-get", ask));
  }
}

/** Reads a line of `apt-get download --print-uris`: `'URI' FILE SIZE SHA256:HEX`. */
export function parseUri(output: string): PackageFile {
  const match = /^'[^']+' (\S+\.deb) \d+ SHA256:([0-9a-f]{64})$/m.exec(output);
  if (match === null) throw new ScriptError(`No package with a SHA256 in apt's answer: ${output}`);
  const [, file = "", sha256 = ""] = match;
  return { file, sha256 };
}

/** Unpacks under a name of our own and renames it, so that what is kept is whole. */
async function fetchInto(folder: URL, name: string, { file, sha256 }: PackageFile): Promise<void> {
  say(`corpus: ${file}`);
  const work = await Deno.makeTempDir();
  try {
    const cwd = new URL(`file://${work}/`);
    await mustRun("apt-get", ["-q", "-o", "APT::Sandbox::User=root", "download", name], { cwd });
    const sum = (await mustRun("sha256sum", [file], { cwd })).slice(0, sha256.length);
    if (sum !== sha256) throw new ScriptError(`${file} has SHA256 ${sum}, wanted ${sha256}`);
    await mustRun("dpkg", ["-x", file, "root"], { cwd });
    await Deno.mkdir(new URL("../", folder), { recursive: true });
    const fresh = folder.pathname.replace(/\/$/, `.${crypto.randomUUID()}`);
    await mustRun("cp", ["-r", work, fresh]);
    await Deno.rename(fresh, folder);
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}
