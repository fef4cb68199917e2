// Debian's cloud kernels: which packages hold them, fetched once and unpacked beside nothing.
import { mustRun } from "../command.ts";
import { debianMirror } from "../libraries.ts";
import { cacheFolder } from "../paths.ts";
import { say } from "../say.ts";
import { ScriptError } from "../script_error.ts";
import { exists } from "../tree.ts";
import { Suite } from "./suite.ts";

/** A kernel by the name under which tests/matrix/features.ts knows it. */
export interface GuestKernel {
  readonly name: string;
  /** As `uname -r` says it. */
  readonly release: string;
  readonly image: string;
  /** Modules to load, in order; not compressed. */
  readonly modules: readonly string[];
}

const metaPackage = "linux-image-cloud-amd64";

/** The tests need these of each kernel; the rest that they need is built in. */
const moduleNames = ["veth", "loop"];

/** Fetches what is not kept yet of the newest cloud kernel of a suite. */
export async function provideKernel(name: string, suiteName: string): Promise<GuestKernel> {
  const kept = new URL("matrix/", cacheFolder());
  const suite = await Suite.open(suiteName, await debianMirror(), new URL(`${suiteName}/`, kept));
  const packages = await kernelPackages(suite);
  const roots: string[] = [];
  for (const one of packages) roots.push(await provide(suite, one, kept));
  for (const root of roots) await decompressModules(root); // what is kept may lack a new one
  const image = await find(roots, "vmlinuz*");
  const release = /linux-(?:image|binary)-(.+)$/.exec(packages[0] ?? "")?.[1] ?? "";
  if (!release.startsWith(name.replace(/x$/, ""))) {
    throw new ScriptError(`${suiteName} has Linux ${release} now, the matrix wants ${name}`);
  }
  const modules: string[] = [];
  for (const module of moduleNames) modules.push(await find(roots, `${module}.ko`));
  return { name, release, image, modules };
}

/** Up to 6.12 one package holds image and modules; later ones have two. */
async function kernelPackages(suite: Suite): Promise<string[]> {
  const [image] = (await suite.dependencies(metaPackage)).filter((name) =>
    /^linux-image-\d/.test(name)
  );
  if (image === undefined) throw new ScriptError(`${suite.name}: ${metaPackage} names no kernel`);
  const parts = (await suite.dependencies(image)).filter((name) =>
    /^linux-(binary|modules)-\d/.test(name)
  );
  return parts.length === 0 ? [image] : parts.sort();
}

/** The folder that stands for `/` of a package; kept by version and checksum. */
async function provide(suite: Suite, name: string, kept: URL): Promise<string> {
  const { file, sha256 } = await suite.describe(name);
  const folder = `${kept.pathname}${file}-${sha256}`; // a path: its name may hold % and +
  if (exists(folder)) return folder;
  say(`matrix: ${file} from Debian ${suite.name}`);
  const work = await Deno.makeTempDir({ dir: kept.pathname, prefix: "fetch-" });
  try {
    await suite.download(name, new URL(`file://${work}/`));
    const [fetched = ""] = [...Deno.readDirSync(work)].map((entry) => entry.name);
    await mustRun("dpkg", ["-x", `${work}/${fetched}`, `${work}/root`]);
    await Deno.rename(`${work}/root`, folder);
  } finally {
    await Deno.remove(work, { recursive: true });
  }
  return folder;
}

async function find(roots: readonly string[], pattern: string): Promise<string> {
  const output = await mustRun("find", [...roots, "-name", pattern, "-type", "f"]);
  const paths = output.split("\n").filter((path) => path !== "");
  const [path] = paths;
  if (path === undefined || paths.length > 1) {
    throw new ScriptError(`${paths.length} files ${pattern} in ${roots.join(" and ")}, wanted 1`);
  }
  return path;
}

/** busybox loads only what is not compressed. */
async function decompressModules(root: string): Promise<void> {
  for (const name of moduleNames) {
    const packed = ["-name", `${name}.ko.xz`];
    await mustRun("find", [root, ...packed, "-exec", "xz", "--decompress", "{}", ";"]);
  }
}
