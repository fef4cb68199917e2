// Compiles BPF C: clang with a vmlinux.h that is dumped from the running kernel's BTF.
import { mustRun } from "../command.ts";
import { buildFolder, repository } from "../paths.ts";

const KERNEL_BTF = "/sys/kernel/btf/vmlinux";

/** How a source is compiled. */
export interface Compilation {
  readonly source: URL;
  readonly output: URL;
  /** Clang's target: `bpf` unless a test wants a foreign object. */
  readonly target?: "bpf" | "bpfeb";
  /** `v3` has atomic operations with a result, from Linux 5.12 on. Gadgets stay below. */
  readonly cpu?: "v2" | "v3";
  /** BTF needs debug information; `none` makes an object that cannot be decoded. */
  readonly debug?: "btf" | "none";
  /** More folders to look for headers in. */
  readonly include?: readonly URL[];
}

/** Flags that every BPF object is compiled with; part of what a cache must know. */
export const bpfFlags: readonly string[] = ["-O2", "-Wall", "-Werror"];

/** Folder of the generated vmlinux.h. */
export const generatedInclude = new URL("include/", buildFolder);

/** Folder of the headers that are written by hand. */
export const bpfInclude = new URL("bpf/include/", repository);

/** Dumps vmlinux.h unless the one there is the same; its modification time changes with it. */
export async function writeVmlinuxHeader(): Promise<URL> {
  const text = await mustRun("bpftool", ["btf", "dump", "file", KERNEL_BTF, "format", "c"]);
  const header = new URL("vmlinux.h", generatedInclude);
  await Deno.mkdir(generatedInclude, { recursive: true });
  if (await readTextIfThere(header) !== text) {
    const fresh = new URL(`vmlinux.h.${Deno.pid}`, generatedInclude);
    await Deno.writeTextFile(fresh, text);
    await Deno.rename(fresh, header);
  }
  return header;
}

/** Compiles one source. `writeVmlinuxHeader` comes first. */
export async function compileBpf(compilation: Compilation): Promise<void> {
  const { source, output, target = "bpf", cpu = "v2", debug = "btf", include = [] } = compilation;
  const folders = [generatedInclude, bpfInclude, ...include].map((folder) => folder.pathname);
  await mustRun("clang", [
    ...bpfFlags,
    ...(debug === "btf" ? ["-g"] : []),
    `-D__TARGET_ARCH_${kernelArchitecture()}`,
    ...folders.flatMap((folder) => ["-I", folder]),
    // usr/include/TRIPLET has asm/, which clang looks for under the name of the BPF target.
    "-idirafter",
    `/usr/include/${Deno.build.arch}-linux-gnu`,
    `-ffile-prefix-map=${repository.pathname.replace(/\/$/, "")}=.`, // BTF keeps file names
    "-target",
    target,
    `-mcpu=${cpu}`,
    "-c",
    source.pathname,
    "-o",
    output.pathname,
  ], { cwd: repository });
}

/** What the kernel's sources and libbpf's headers call this architecture. */
function kernelArchitecture(): string {
  return Deno.build.arch === "aarch64" ? "arm64" : "x86";
}

async function readTextIfThere(file: URL): Promise<string | null> {
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
