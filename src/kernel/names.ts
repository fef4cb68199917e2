// UAPI numbers to the names that bpftool prints: from our table, and beyond it from the BTF of the
// running kernel, so that a kernel newer than this program still has names.
import type { KernelBtf } from "./kernel_btf.ts";
import { helpers } from "./uapi_helpers.ts";
import { attachTypes, linkTypes, mapTypes, programTypes } from "./uapi_types.ts";

interface NamedEnum {
  /** C name without `enum`. */
  readonly name: string;
  /** What every enumerator begins with. */
  readonly prefix: string;
  readonly known: readonly string[];
}

const programType = { name: "bpf_prog_type", prefix: "BPF_PROG_TYPE_", known: programTypes };
const mapType = { name: "bpf_map_type", prefix: "BPF_MAP_TYPE_", known: mapTypes };
const attachType = { name: "bpf_attach_type", prefix: "BPF_", known: attachTypes };
const linkType = { name: "bpf_link_type", prefix: "BPF_LINK_TYPE_", known: linkTypes };
const helperId = { name: "bpf_func_id", prefix: "BPF_FUNC_", known: helpers };

export class KernelNames {
  readonly #btf: KernelBtf;
  /** By enum: what the table does not know and the kernel does. */
  readonly #newer = new Map<string, ReadonlyMap<number, string>>();

  constructor(btf: KernelBtf) {
    this.#btf = btf;
  }

  /** `enum bpf_prog_type`: `raw_tracepoint`, `sched_cls`. An unknown number is `type_N`. */
  programType(value: number): string {
    return this.#name(programType, value);
  }

  /** `enum bpf_map_type`: `ringbuf`, `perf_event_array`. */
  mapType(value: number): string {
    return this.#name(mapType, value);
  }

  /** `enum bpf_attach_type`: `cgroup_inet_ingress`, `tcx_egress`. */
  attachType(value: number): string {
    return this.#name(attachType, value);
  }

  /** `enum bpf_link_type`: `perf_event`, `xdp`. */
  linkType(value: number): string {
    return this.#name(linkType, value);
  }

  /** `enum bpf_func_id` without `bpf_`: `map_lookup_elem`. */
  helper(id: number): string {
    return this.#name(helperId, id);
  }

  /** With `bpf_`, as bpftool prints it; null for a number that is no helper's. */
  knownHelper(id: number): string | null {
    const name = helpers[id] ?? this.#fromKernel(helperId).get(id);
    return name === undefined ? null : `bpf_${name}`;
  }

  /** Every helper that this program knows, by number. */
  helpers(): ReadonlyMap<number, string> {
    return new Map(helpers.map((name, id) => [id, name]));
  }

  /** Names of every program type, `unspec` aside. */
  programTypes(): string[] {
    return this.#all(programType);
  }

  /** Names of every map type. */
  mapTypes(): string[] {
    return this.#all(mapType);
  }

  /** Names of every link type. */
  linkTypes(): string[] {
    return this.#all(linkType);
  }

  #name(of: NamedEnum, value: number): string {
    return of.known[value] ?? this.#fromKernel(of).get(value) ?? `type_${value}`;
  }

  #all(of: NamedEnum): string[] {
    return [...of.known.slice(1), ...this.#fromKernel(of).values()];
  }

  #fromKernel(of: NamedEnum): ReadonlyMap<number, string> {
    const read = this.#newer.get(of.name);
    if (read !== undefined) return read;
    const names = new Map<number, string>();
    const btf = this.#btf.get();
    const [id] = btf?.find(of.name, "enum", "enum64") ?? [];
    for (const { name, value } of id === undefined ? [] : btf?.enumerators(id) ?? []) {
      if (!name.startsWith(of.prefix) || Number(value) < of.known.length) continue;
      names.set(Number(value), name.slice(of.prefix.length).toLowerCase());
    }
    this.#newer.set(of.name, names);
    return names;
  }
}
