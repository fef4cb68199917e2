// Compiles what the benchmarks compare with and drive: C peers and BPF producers.
import { compileBpf } from "../bpf/compiler.ts";
import { mustRun } from "../command.ts";
import { buildFolder, repository } from "../paths.ts";

const output = new URL("bench/", buildFolder);

/** The path of the C peer `name`, compiled anew. */
export async function buildPeer(name: "ring" | "map" | "list"): Promise<string> {
  await Deno.mkdir(output, { recursive: true });
  const source = new URL(`peers/${name}.c`, import.meta.url).pathname;
  const program = new URL(name, output).pathname;
  await mustRun("gcc", ["-O2", "-Wall", "-Wextra", "-Werror", source, "-o", program, "-lbpf"]);
  return program;
}

/** The path of the BPF object `name` of bpf/bench, compiled anew. */
export async function buildBenchObject(
  name: "bench_maps" | "bench_ring" | "bench_state",
): Promise<string> {
  await Deno.mkdir(output, { recursive: true });
  const object = new URL(`${name}.bpf.o`, output);
  const source = new URL(`bpf/bench/${name}.bpf.c`, repository);
  await compileBpf({ source, output: object, cpu: "v3" });
  return object.pathname;
}
