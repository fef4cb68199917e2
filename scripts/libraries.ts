// The three libraries that the executable carries for hosts that have no libbpf: Debian's own
// files. Debian 12's libelf wants glibc 2.33; Debian 11's lets all three run from 2.28 on.
import { mustRun } from "./command.ts";
import { sha256 } from "./generated.ts";
import { cacheFolder } from "./paths.ts";
import { say } from "./say.ts";
import { ScriptError } from "./script_error.ts";

interface Library {
  /** The name by which the loader knows it, and the file's name where it is embedded. */
  readonly soname: string;
  readonly package: string;
  readonly suite: "bullseye" | "bookworm";
}

/** In the order in which they have to be loaded. */
export const libraries: readonly Library[] = [
  { soname: "libz.so.1", package: "zlib1g", suite: "bookworm" },
  { soname: "libelf.so.1", package: "libelf1", suite: "bullseye" },
  { soname: "libbpf.so.1", package: "libbpf1", suite: "bookworm" },
];

/** The oldest glibc on which the executable runs: RHEL 8, Debian 10. */
const GLIBC_FLOOR = "2.28";
const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";
const SUMS = "SHA256SUMS";
const NOTICE = "NOTICE";

/** The folder with the three files, `SHA256SUMS` and `NOTICE`; fetched when it is not whole. */
export async function provideLibraries(): Promise<URL> {
  const suites = [...new Set(libraries.map(({ suite }) => suite))].join("-");
  const folder = new URL(`libraries-${suites}-${Deno.build.arch}/`, cacheFolder());
  if (await isWhole(folder)) return folder;
  const mirror = await debianMirror();
  say(`build: ${libraries.map(({ soname }) => soname).join(", ")} from Debian (${suites})`);
  const work = await Deno.makeTempDir();
  try {
    await fetchLibraries(mirror, work);
    await Deno.mkdir(folder, { recursive: true });
    await keepLibraries(work, folder);
  } finally {
    await Deno.remove(work, { recursive: true });
  }
  return folder;
}

async function isWhole(folder: URL): Promise<boolean> {
  try {
    return await Deno.readTextFile(new URL(SUMS, folder)) === await checksums(folder);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function checksums(folder: URL): Promise<string> {
  const lines: string[] = [];
  for (const name of [...libraries.map(({ soname }) => soname), NOTICE]) {
    lines.push(`${await sha256(await Deno.readFile(new URL(name, folder)))}  ${name}\n`);
  }
  return lines.join("");
}

/** The Debian mirror that this machine uses already, or the one that DEBIAN_MIRROR names. */
export async function debianMirror(): Promise<string> {
  const given = Deno.env.get("DEBIAN_MIRROR");
  if (given) return given;
  const format = ["--format", "$(REPO_URI)", "Created-By: Packages"];
  const addresses = (await mustRun("apt-get", ["indextargets", ...format])).split("\n");
  const mirror = addresses.find((address) => /\/debian\/?$/.test(address));
  if (mirror !== undefined) return mirror;
  throw new ScriptError("No Debian mirror among this machine's apt sources: set DEBIAN_MIRROR");
}

/** Fetches the packages with an apt of their own: nothing is installed, signatures are verified. */
async function fetchLibraries(mirror: string, work: string): Promise<void> {
  const suites = new Set(libraries.map(({ suite }) => suite));
  const lines = [...suites].map((suite) => `deb [signed-by=${KEYRING}] ${mirror} ${suite} main\n`);
  await Deno.writeTextFile(`${work}/sources.list`, lines.join(""));
  for (const folder of ["lists/partial", "cache/archives/partial"]) {
    await Deno.mkdir(`${work}/${folder}`, { recursive: true });
  }
  const options = [
    `Dir::Etc::SourceList=${work}/sources.list`,
    "Dir::Etc::SourceParts=/dev/null",
    `Dir::State::Lists=${work}/lists`,
    `Dir::Cache=${work}/cache`,
    "Acquire::Languages=none",
    "APT::Sandbox::User=root",
    "APT::Update::Error-Mode=any", // a suite that cannot be reached is an error
  ].flatMap((option) => ["-o", option]);
  const cwd = new URL(`file://${work}/`);
  await mustRun("apt-get", ["-q", ...options, "update"], { cwd });
  const wanted = libraries.map((library) => `${library.package}/${library.suite}`);
  await mustRun("apt-get", ["-q", ...options, "download", ...wanted], { cwd });
}

/** Unpacks each package, checks the library against the floor and keeps it with its licence. */
async function keepLibraries(work: string, folder: URL): Promise<void> {
  const packages = [...Deno.readDirSync(work)].map(({ name }) => name);
  const notice: string[] = [];
  for (const library of libraries) {
    const file = packages.find((name) => name.startsWith(`${library.package}_`));
    if (file === undefined) throw new ScriptError(`apt-get gave no ${library.package}`);
    const root = `${work}/${library.package}`;
    await mustRun("dpkg", ["-x", `${work}/${file}`, root]);
    const path = await findLibrary(root, library.soname);
    await checkFloor(path);
    await Deno.copyFile(path, new URL(library.soname, folder));
    const version = await mustRun("dpkg-deb", ["--field", `${work}/${file}`, "Version"]);
    const licence = await Deno.readTextFile(`${root}/usr/share/doc/${library.package}/copyright`);
    const origin = `Debian ${library.suite}, package ${library.package} ${version.trim()}`;
    notice.push(`${library.soname}: ${origin}\n\n${licence}`);
  }
  await Deno.writeTextFile(new URL(NOTICE, folder), notice.join(`\n${"-".repeat(80)}\n\n`));
  await Deno.writeTextFile(new URL(SUMS, folder), await checksums(folder));
}

async function findLibrary(root: string, soname: string): Promise<string> {
  const found = (await mustRun("find", [root, "-name", soname])).trim().split("\n");
  const [path = ""] = found;
  if (found.length !== 1 || path === "") throw new ScriptError(`No single ${soname} in ${root}`);
  return await Deno.realPath(path);
}

/** Refuses a library that needs a newer glibc than the floor. */
async function checkFloor(path: string): Promise<void> {
  const needed = neededGlibc(await mustRun("llvm-readelf", ["--version-info", path]));
  if (compareVersions(needed, GLIBC_FLOOR) <= 0) return;
  throw new ScriptError(`${path} needs glibc ${needed}, the floor is ${GLIBC_FLOOR}`);
}

/** The newest glibc version that readelf's list of needed versions names. */
export function neededGlibc(versionInfo: string): string {
  const versions = [...versionInfo.matchAll(/\bGLIBC_([\d.]+)/g)].map(([, version = ""]) =>
    version
  );
  return versions.reduce((a, b) => compareVersions(a, b) >= 0 ? a : b, "0");
}

function compareVersions(a: string, b: string): number {
  const left = a.split(".").map(Number);
  const right = b.split(".").map(Number);
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
