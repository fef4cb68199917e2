// Valid inputs to begin with: the objects of the tests, the gadget, the running kernel's types.
import { ElfFile } from "../../src/elf/elf.ts";
import { buildFolder } from "../../scripts/paths.ts";
import { buildObject, type ObjectName } from "../support/objects.ts";
import { cutBtf } from "./cut_btf.ts";

/** Of different shapes, and small: a case should be about its change. */
const OBJECTS: readonly ObjectName[] = [
  "attach_kinds",
  "dup_event_sizes",
  "globals",
  "hidden_helpers",
  "maps",
  "no_btf",
  "no_btf_map",
  "no_maps",
  "perf_events",
  "three_events",
  "two_events",
];

/** Windows of the kernel's types: how many, and of how many types. */
const WINDOWS = 6;
const WINDOW_TYPES = 64;

export async function objectFiles(): Promise<Uint8Array<ArrayBuffer>[]> {
  return await Promise.all(OBJECTS.map(async (name) => Deno.readFile(await buildObject(name))));
}

/** A gadget as the executable carries it: linked and stripped by bpftool. */
export async function gadgetFile(): Promise<Uint8Array<ArrayBuffer>> {
  return await Deno.readFile(new URL("embedded/gadgets/exec_snoop.bpf.o", buildFolder));
}

/** The types of the objects. */
export async function objectBtf(): Promise<Uint8Array<ArrayBuffer>[]> {
  const files = await objectFiles();
  return files.flatMap((file) => ElfFile.parse(file).section(".BTF")?.data().slice() ?? []);
}

/** Pieces of the kernel's types from its first to its last, each whole in itself. */
export async function kernelBtf(): Promise<Uint8Array<ArrayBuffer>[]> {
  const vmlinux = await Deno.readFile("/sys/kernel/btf/vmlinux");
  return Array.from({ length: WINDOWS }, (_, index) => {
    return cutBtf(vmlinux, index / (WINDOWS - 1), WINDOW_TYPES);
  });
}
