// Compiles the objects that tests load. Each is made once per source, compiler and kernel BTF.
import {
  bpfFlags,
  bpfInclude,
  compileBpf,
  writeVmlinuxHeader,
} from "../../scripts/bpf/compiler.ts";
import { mustRun } from "../../scripts/command.ts";
import { sha256 } from "../../scripts/generated.ts";
import { buildFolder } from "../../scripts/paths.ts";
import { exists } from "../../scripts/tree.ts";

const sources = new URL("../testdata/objects/", import.meta.url);
const benchSources = new URL("../../bpf/bench/", import.meta.url);
const programSources = new URL("../testdata/programs/", import.meta.url);
const triggerFlags = ["-O1", "-g", "-Wall", "-Werror", "-pthread"];
const built = new URL("testdata/", buildFolder);
const encoder = new TextEncoder();

/** Names a folder that holds everything compiled already: a guest of the matrix has no compiler. */
const folderVariable = "EBPF_MCP_TEST_OBJECTS";

/** What the padding of `big_debug` adds: the whole is under 64 MiB, the limit for a file. */
const PADDING_BYTES = 30 * 1024 * 1024;

interface Recipe {
  readonly folder?: URL;
  /** The source's name; by default the object's with `.bpf.c`. */
  readonly source?: string;
  readonly target?: "bpf" | "bpfeb" | "host";
  readonly debug?: "btf" | "none";
  /** Whether the source includes vmlinux.h. */
  readonly kernelTypes?: "vmlinux";
  /** Bytes of a debug section to add. */
  readonly padding?: number;
}

const recipes = {
  attach_kinds: {},
  bench_maps: { folder: benchSources },
  bench_ring: { folder: benchSources },
  big_debug: { padding: PADDING_BYTES },
  co_re_fail: { kernelTypes: "vmlinux" },
  count_calls: { kernelTypes: "vmlinux" },
  dup_event_sizes: {},
  fentry_only: {},
  flood: {},
  globals: {},
  hidden_helpers: {},
  kernel_data: {},
  kernel_hooks: { kernelTypes: "vmlinux" },
  kernel_hooks_sleepable: { kernelTypes: "vmlinux" },
  many_programs: {},
  maps: {},
  missing_function: {},
  no_btf: { debug: "none" },
  no_btf_map: { debug: "none" },
  no_maps: {},
  perf_events: {},
  pinned_map: {},
  printk: {},
  rejected: {},
  small_records: {},
  stacks: {},
  three_events: {},
  two_events: {},
  wrong_endianness: { source: "no_maps.bpf.c", target: "bpfeb" },
  wrong_machine: { source: "wrong_machine.c", target: "host" },
} as const satisfies Record<string, Recipe>;

/** An object that tests can load, or must fail to load; each source says what it is for. */
export type ObjectName = keyof typeof recipes;

export const objectNames: readonly ObjectName[] = Object.keys(recipes).filter(isObjectName);

function isObjectName(name: string): name is ObjectName {
  return Object.hasOwn(recipes, name);
}

/** The folder where everything is compiled already, where there is no compiler. */
export function readyFolder(): string | undefined {
  return Deno.env.get(folderVariable);
}

/** The path of the compiled object `NAME.bpf.o`. Compiles it unless that was done before. */
export async function buildObject(name: ObjectName): Promise<string> {
  const ready = readyFolder();
  if (ready !== undefined) return `${ready}/${name}.bpf.o`;
  const recipe: Recipe = recipes[name];
  const source = new URL(recipe.source ?? `${name}.bpf.c`, recipe.folder ?? sources);
  const headers = [new URL("target.h", sources), new URL("compat.bpf.h", bpfInclude)];
  if (recipe.kernelTypes === "vmlinux") headers.push(await writeVmlinuxHeader());
  const key = await cacheKey([source, ...headers], [JSON.stringify(recipe), ...bpfFlags]);
  return await makeOnce(`${key}/${name}.bpf.o`, (output) => compile(recipe, source, output));
}

/** The path of the program `trigger`, which does what a test tells it (see `Trigger`). */
export async function buildTrigger(): Promise<string> {
  const ready = readyFolder();
  if (ready !== undefined) return `${ready}/trigger`;
  const names = ["trigger.c", "exec_cases.c", "exec_cases.h", "usdt.h"];
  const files = names.map((name) => new URL(name, programSources));
  const key = await cacheKey(files, triggerFlags);
  const inputs = files.filter(({ pathname }) => pathname.endsWith(".c"));
  return await makeOnce(`${key}/trigger`, async (output) => {
    const paths = inputs.map(({ pathname }) => pathname);
    await mustRun("gcc", [...triggerFlags, ...paths, "-o", output.pathname]);
  });
}

async function compile(recipe: Recipe, source: URL, output: URL): Promise<void> {
  const { target = "bpf", debug = "btf", padding } = recipe;
  if (target === "host") {
    await mustRun("clang", ["-O2", "-c", source.pathname, "-o", output.pathname]);
  } else {
    await compileBpf({ source, output, target, debug, cpu: "v3", include: [sources] });
  }
  if (padding === undefined) return;
  const filler = new URL(`${output.href}.padding`);
  await Deno.writeFile(filler, new Uint8Array(padding));
  const section = `.debug_padding=${filler.pathname}`;
  await mustRun("llvm-objcopy", ["--add-section", section, output.pathname]);
  await Deno.remove(filler);
}

/** Hash over the inputs' contents, the given words and the compiler's version. */
export async function cacheKey(inputs: readonly URL[], words: readonly string[]): Promise<string> {
  const hashes = await Promise.all(inputs.map(async (file) => sha256(await Deno.readFile(file))));
  const version = await mustRun("clang", ["--version"]);
  const hash = await sha256(encoder.encode([...hashes, ...words, version].join("\n")));
  return hash.slice(0, 16);
}

/** Makes a file under a name of our own and renames it: test processes run side by side. */
export async function makeOnce(
  path: string,
  make: (output: URL) => Promise<void>,
): Promise<string> {
  const output = new URL(path, built);
  if (exists(output.pathname)) return output.pathname;
  await Deno.mkdir(new URL(".", output), { recursive: true });
  const fresh = new URL(`${output.href}.${Deno.pid}-${crypto.randomUUID()}`);
  await make(fresh);
  await Deno.rename(fresh, output);
  return output.pathname;
}
