// What a guest has on its disk, which is its memory: busybox, Deno, the executable under test, the
// witnesses, the test bundles and the objects that they load. One archive for every kernel.
import { mustRun, run } from "../command.ts";
import { distFolder, embeddedFolder } from "../paths.ts";
import { ScriptError } from "../script_error.ts";
import type { GuestKernel } from "./kernel_packages.ts";

/** Programs of the host by the place that they have in the guest. */
const programs: Readonly<Record<string, string>> = {
  "/usr/bin/deno": Deno.execPath(),
  "/suite/dist/ebpf-mcp": new URL("ebpf-mcp", distFolder).pathname,
  "/usr/sbin/bpftool": "/usr/sbin/bpftool",
  "/usr/sbin/ip": "/usr/sbin/ip",
  "/usr/bin/nsenter": "/usr/bin/nsenter",
  "/usr/bin/bash": "/usr/bin/bash", // sends datagrams; busybox's shell cannot
  "/usr/bin/findmnt": "/usr/bin/findmnt",
};

const busyboxPaths = ["/usr/bin/busybox", "/bin/busybox"];

/** Not needed by deno itself: what tests open by name. */
const libraryNames = ["libbpf.so.1", "libelf.so.1", "libz.so.1"];

const mountPoints = ["dev", "proc", "sys", "tmp", "run", "root", "usr/bin", "usr/sbin", "work"];

export interface GuestFiles {
  /** Bundles by the name of the test file, in the order in which they run. */
  readonly bundles: ReadonlyMap<string, string>;
  /** A folder of objects and programs that tests use. */
  readonly objects: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Writes the archive that every guest has; `folder` is empty and stays. */
export async function writeBaseArchive(files: GuestFiles, folder: string): Promise<string> {
  const root = `${folder}/root`;
  for (const place of mountPoints) await Deno.mkdir(`${root}/${place}`, { recursive: true });
  for (const place of ["bin", "sbin"]) await Deno.symlink(`usr/${place}`, `${root}/${place}`);
  const all = Object.entries({ ...programs, "/usr/bin/busybox": await busybox() });
  for (const [place, path] of all) await copyInto(root, place, path);
  for (const path of await librariesOf(all.map(([, path]) => path))) {
    await copyInto(root, path, path);
  }
  await Deno.mkdir(`${root}/suite/tests`);
  for (const [name, path] of files.bundles) {
    await Deno.copyFile(path, `${root}/suite/tests/${name}.js`);
  }
  await Deno.writeTextFile(`${root}/suite/tests/order`, [...files.bundles.keys(), ""].join("\n"));
  await mustRun("cp", ["-r", files.objects, `${root}/suite/objects`]);
  await Deno.mkdir(`${root}/suite/.build`);
  await mustRun("cp", ["-r", embeddedFolder.pathname, `${root}/suite/.build/embedded`]);
  const lines = Object.entries(files.environment).map(([name, value]) =>
    `export ${name}=${value}\n`
  );
  await Deno.writeTextFile(`${root}/environment`, lines.join(""));
  await copyScript("init.sh", `${root}/init`);
  await copyScript("run_tests.sh", `${root}/usr/bin/run-tests`);
  return await archive(root, `${folder}/base.cpio`);
}

/** The kernel takes several archives one behind the other: the base, then its own modules. */
export async function writeArchive(
  base: string,
  kernel: GuestKernel,
  folder: string,
): Promise<string> {
  const root = `${folder}/${kernel.name}`;
  await Deno.mkdir(`${root}/modules`, { recursive: true });
  const names: string[] = [];
  for (const path of kernel.modules) {
    const name = path.slice(path.lastIndexOf("/") + 1);
    await Deno.copyFile(path, `${root}/modules/${name}`);
    names.push(name);
  }
  await Deno.writeTextFile(`${root}/modules/order`, [...names, ""].join("\n"));
  const own = await archive(root, `${folder}/${kernel.name}.modules.cpio`);
  const whole = `${folder}/${kernel.name}.cpio`;
  await Deno.copyFile(base, whole);
  await Deno.writeFile(whole, await Deno.readFile(own), { append: true });
  return whole;
}

async function busybox(): Promise<string> {
  for (const path of busyboxPaths) {
    try {
      return await Deno.realPath(path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  throw new ScriptError("busybox-static is missing");
}

async function copyScript(name: string, place: string): Promise<void> {
  await Deno.copyFile(new URL(name, import.meta.url), place);
  await Deno.chmod(place, 0o755);
}

async function copyInto(root: string, place: string, path: string): Promise<void> {
  await Deno.mkdir(`${root}${place.slice(0, place.lastIndexOf("/"))}`, { recursive: true });
  await Deno.copyFile(path, `${root}${place}`);
  await Deno.chmod(`${root}${place}`, 0o755);
}

/** Shared objects, the loader among them, at the paths where the host's loader finds them. */
async function librariesOf(paths: readonly string[]): Promise<Set<string>> {
  const found = new Set<string>();
  const cache = await mustRun("ldconfig", ["-p"]);
  for (const name of libraryNames) {
    const line = cache.split("\n").find((one) => one.trim().startsWith(`${name} (libc6,x86-64`));
    if (line !== undefined) found.add(line.slice(line.indexOf("=> ") + 3));
  }
  for (const path of [...paths, ...found]) {
    const { stdout } = await run("ldd", [path]); // which fails for a static program
    for (const [, library = ""] of stdout.matchAll(/(\/\S+) \(0x/g)) found.add(library);
  }
  return found;
}

/** In the format that the kernel unpacks; an archive of cpio ends at a multiple of 512 bytes. */
async function archive(root: string, output: string): Promise<string> {
  const pack = `find . -mindepth 1 | cpio --quiet -o -H newc -R 0:0 > "$1"`;
  await mustRun("sh", ["-c", pack, "sh", output], { cwd: new URL(`file://${root}/`) });
  return output;
}
