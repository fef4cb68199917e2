// A test object in the kernel, with its programs run by BPF_PROG_TEST_RUN.
import assert from "node:assert/strict";
import { bpf_test_run_opts } from "../../ffi/layouts/libbpf_opts.ts";
import { libbpf, libc } from "../../ffi/library.ts";
import { Struct } from "../../ffi/struct.ts";
import { setGlobals } from "../../src/kernel/globals.ts";
import { silenceLibbpf } from "../../src/kernel/libbpf_log.ts";
import { BpfObject } from "../../src/kernel/object.ts";
import { LoadedObject } from "../../src/session/loaded_object.ts";
import { buildObject, type ObjectName } from "./objects.ts";

const BPF_F_TEST_RUN_ON_CPU = 1;

// Opened before the first test, which would be told that it leaks a library.
libc();
libbpf();

/** Loads an object with these globals; the caller disposes it. */
export async function load(
  name: ObjectName,
  globals: Readonly<Record<string, unknown>> = {},
): Promise<LoadedObject> {
  silenceLibbpf();
  const bytes = await Deno.readFile(await buildObject(name));
  using owned = new DisposableStack();
  const object = owned.use(BpfObject.open(bytes, { name }));
  setGlobals(object, globals);
  const errno = await object.load();
  assert.ok(errno === 0, `load of "${name}": errno ${errno}`);
  owned.move();
  return new LoadedObject(`test-${name}`, object);
}

/** Runs a program once; on `cpu` where its type allows to choose. */
export function runProgram(object: LoadedObject, name: string, cpu?: number): void {
  const found = object.programs.find(({ program }) => program.name === name);
  assert.ok(found, `program "${name}"`);
  const options = new Struct(bpf_test_run_opts).set("sz", bpf_test_run_opts.size);
  if (cpu !== undefined) options.set("flags", BPF_F_TEST_RUN_ON_CPU).set("cpu", cpu);
  const result = libbpf().bpf_prog_test_run_opts(found.program.fd, options.bytes);
  assert.equal(result, 0, `run of "${name}"`);
}

/** The id of the object's map `name`. */
export function mapId(object: LoadedObject, name: string): number {
  const map = object.maps.find((candidate) => candidate.name === name);
  assert.ok(map, `map "${name}"`);
  return map.info.id;
}
