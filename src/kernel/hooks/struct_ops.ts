// What a struct_ops map says of itself: whether the kernel uses it, and which program is behind
// which of its members. Its value is the kernel's own struct, with program ids for functions.
import { bpf_map_info } from "../../../ffi/layouts/bpf_info.ts";
import { libbpf } from "../../../ffi/library.ts";
import { fixedBytes } from "../../../ffi/struct.ts";
import type { Btf, TypeId } from "../../btf/btf.ts";
import { visibleLine } from "../../view/text.ts";
import { Info } from "../info.ts";

/** A function of the kernel's that a program stands in for. */
export interface StructOpsMember {
  readonly name: string;
  readonly programId: number;
}

export interface StructOps {
  /**
   * `in_use` when it was registered without a link, `ready` when a link may use it; anything else
   * runs no more, or not yet.
   */
  readonly state: "in_use" | "ready" | "idle";
  /** The kernel's struct: `tcp_congestion_ops`; null where no BTF tells. */
  readonly type: string | null;
  readonly members: readonly StructOpsMember[];
}

/** BPF_STRUCT_OPS_STATE_…, by number. */
const states = ["idle", "in_use", "idle", "ready"] as const;
/** `struct bpf_struct_ops_common_value`: refcount_t refcnt, enum bpf_struct_ops_state state. */
const STATE_AT = 4;
const VALUE_PREFIX = "bpf_struct_ops_";
const KEY_BYTES = 4;
/** No struct of the kernel's is near it. */
const MOST_VALUE_BYTES = 1 << 20;

/**
 * @param fd descriptor of a struct_ops map
 * @param btf the kernel's own types; members of structs of modules are not told
 * @throws object_info_failed with the errno
 * @since Linux 5.6 @see bpf(2)
 */
export function structOps(fd: number, btf: Btf | null): StructOps {
  const info = new Info(bpf_map_info, () => `the map behind descriptor ${fd}`);
  info.read(fd);
  const value = fixedBytes(Math.min(info.number("value_size"), MOST_VALUE_BYTES));
  if (libbpf().bpf_map_lookup_elem(fd, fixedBytes(KEY_BYTES), value) < 0) {
    return { state: "idle", type: null, members: [] };
  }
  const view = new DataView(value.buffer, 0, value.length);
  const state = view.byteLength < STATE_AT + 4 ? 0 : view.getUint32(STATE_AT, true);
  const valueType = info.newerNumber("btf_vmlinux_value_type_id") ?? 0;
  return { state: states[state] ?? "idle", ...describe(btf, valueType, view) };
}

function describe(
  btf: Btf | null,
  valueType: TypeId,
  view: DataView,
): Pick<StructOps, "type" | "members"> {
  const unknown = { type: null, members: [] };
  if (btf === null || valueType === 0 || valueType >= btf.typeCount) return unknown;
  const name = btf.name(valueType);
  if (btf.kind(valueType) !== "struct" || !name.startsWith(VALUE_PREFIX)) return unknown;
  const data = btf.members(valueType).find((member) => member.name === "data");
  if (data === undefined || btf.kind(btf.resolve(data.type)) !== "struct") return unknown;
  const members = btf.members(btf.resolve(data.type)).flatMap((member) => {
    if (!isFunctionPointer(btf, member.type)) return [];
    const at = (data.bitOffset + member.bitOffset) / 8;
    const programId = at + 8 > view.byteLength ? 0 : Number(view.getBigUint64(at, true));
    return programId === 0 ? [] : [{ name: visibleLine(member.name), programId }];
  });
  return { type: visibleLine(name.slice(VALUE_PREFIX.length)), members };
}

function isFunctionPointer(btf: Btf, type: TypeId): boolean {
  const pointer = btf.resolve(type);
  if (btf.kind(pointer) !== "ptr") return false;
  const pointee = btf.pointee(pointer);
  return pointee !== 0 && btf.kind(btf.resolve(pointee)) === "func_proto";
}
