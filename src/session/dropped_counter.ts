// What an object counts as lost: a global variable `dropped`, or a map of that name.
import type { Btf } from "../btf/btf.ts";
import type { BpfMap } from "../kernel/bpf_map.ts";

const NAME = "dropped";

/** Reads one element's worth of counters. */
type Reader = () => bigint;

export class DroppedCounter {
  readonly #readers: readonly Reader[];

  constructor(maps: readonly BpfMap[], btf: Btf | null) {
    this.#readers = [...mapReaders(maps), ...variableReaders(maps, btf)];
  }

  /** The sum over all CPUs; null when nobody counts. */
  read(): bigint | null {
    if (this.#readers.length === 0) return null;
    return this.#readers.reduce((sum, read) => sum + read(), 0n);
  }
}

function mapReaders(maps: readonly BpfMap[]): Reader[] {
  return maps
    .filter((map) => map.name === NAME && map.isArray && countable(map.info.valueBytes))
    .map((map) => () => {
      let sum = 0n;
      for (let index = 0; index < map.info.maxEntries; index++) {
        for (const value of map.lookupIndex(index) ?? []) sum += little(value);
      }
      return sum;
    });
}

function variableReaders(maps: readonly BpfMap[], btf: Btf | null): Reader[] {
  if (btf === null) return [];
  return [".bss", ".data"].flatMap((section) => {
    const map = maps.find((map) => map.isArray && map.name.endsWith(section));
    const [datasec] = btf.find(section, "datasec");
    if (map === undefined || datasec === undefined) return [];
    const variable = btf.variables(datasec).find(({ name }) => name === NAME);
    if (variable === undefined || !countable(variable.size)) return [];
    const { offset, size } = variable;
    return [() => {
      const [data] = map.lookupIndex(0) ?? [];
      return little(data?.subarray(offset, offset + size) ?? new Uint8Array());
    }];
  });
}

/** Widths of a counter, in bytes. */
function countable(bytes: number): boolean {
  return bytes === 4 || bytes === 8;
}

/** Little-endian, unsigned. */
function little(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes.toReversed()) value = (value << 8n) | BigInt(byte);
  return value;
}
