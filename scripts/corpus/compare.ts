// One object, loaded by bpftool and by us: do the two agree?
import type { McpClient } from "../bench/mcp_client.ts";
import { isNode, type JsonNode, nodeOf, textOf } from "../ffi/json_node.ts";
import { loadWithBpftool, type Outcome } from "./bpftool_load.ts";
import type { KernelLists } from "./kernel_lists.ts";
import { loadWithOurs } from "./our_load.ts";

/** Lists that differ only by what the two copies of libbpf ask of the kernel. */
export const mmapable =
  "data maps that bpftool's libbpf makes mmapable, libbpf 1.1 only where variables are global";

const BPF_F_MMAPABLE = 1024;

export interface Comparison {
  readonly bpftool: Outcome<string>;
  readonly ours: Outcome<JsonNode>;
  /** What they disagree about, and what our refusal lacks; nothing when all is well. */
  readonly differences: readonly string[];
  /** How many maps differ by `mmapable`, which is no disagreement. */
  readonly mmapable: number;
}

export async function compareLoads(client: McpClient, path: string): Promise<Comparison> {
  const bpftool = await loadWithBpftool(path);
  const ours = await loadWithOurs(client, path);
  const { differences, mmapable } = differencesOf(bpftool, ours);
  return { bpftool, ours, differences: [...differences, ...ours.misreported], mmapable };
}

type Differences = Pick<Comparison, "differences" | "mmapable">;

export function differencesOf(bpftool: Outcome<string>, ours: Outcome<JsonNode>): Differences {
  if (ours.refused !== null) {
    const lacks = lacksOf(ours.refused);
    const differences = bpftool.refused === null
      ? ["bpftool loads it, we do not", ...lacks]
      : lacks;
    return { differences, mmapable: 0 };
  }
  if (bpftool.refused !== null) {
    return { differences: ["we load it, bpftool does not"], mmapable: 0 };
  }
  return listDifferences(bpftool.loaded, ours.loaded);
}

function listDifferences(bpftool: KernelLists, ours: KernelLists): Differences {
  const excused = ours.maps.map((map) => {
    const wider = withMmapable(map);
    return bpftool.maps.includes(map) || !bpftool.maps.includes(wider) ? map : wider;
  });
  return {
    differences: [
      ...unequal("programs", bpftool.programs, ours.programs),
      ...unequal("maps", bpftool.maps, excused),
    ],
    mmapable: excused.filter((map, index) => map !== ours.maps[index]).length,
  };
}

/** A data section's map as the other libbpf would make it; any other map as it is. */
function withMmapable(map: string): string {
  if (!/^type=array name=\S*\.(bss|data|rodata)\S* /.test(map)) return map;
  return map.replace(/flags=(\d+)/, (_, flags) => `flags=${Number(flags) | BPF_F_MMAPABLE}`);
}

function unequal(kind: string, bpftool: readonly string[], ours: readonly string[]): string[] {
  const only = (who: string, list: readonly string[], other: readonly string[]) =>
    list.filter((entry) => !other.includes(entry)).map((entry) => `only ${who}: ${entry}`);
  const different = [...only("bpftool", bpftool, ours), ...only("ours", ours, bpftool)];
  if (bpftool.length === ours.length) return different;
  return [`${bpftool.length} ${kind} and ours ${ours.length}`, ...different];
}

/** What keeps a refusal from being one that helps. */
function lacksOf(error: JsonNode): string[] {
  const context = nodeOf(error, "context");
  const lacks: string[] = [];
  if (!textOf(error, "category") || !textOf(error, "code")) lacks.push("refusal without code");
  if (!textOf(context, "hint")) lacks.push("refusal without hint");
  const lines = Array.isArray(context.libbpf) ? context.libbpf.length : 0;
  if (textOf(error, "category") === "kernel" && lines === 0 && !textOf(context, "verifier_log")) {
    lacks.push("refusal without verifier log or libbpf's words");
  }
  return lacks;
}

/** Our refusal in one line: its code and message. */
export function refusalText(error: JsonNode): string {
  return isNode(error) ? `${textOf(error, "code")}: ${textOf(error, "message")}` : "";
}
