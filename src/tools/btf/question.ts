// What a call of get_btf_types asks: one question, for of two one would go unanswered.
import type { Kind } from "../../btf/kind.ts";
import { validationError } from "../../errors.ts";

export interface TypesRequest {
  readonly pattern?: string;
  readonly kinds?: readonly Kind[];
  readonly id?: number;
  readonly module?: string;
  readonly btf_id?: number;
  readonly depth?: number;
  readonly as: "json" | "c";
  readonly path?: string;
  readonly containers?: "value" | "pointer";
  readonly limit?: number;
  readonly cursor?: string;
}

/** Arguments of which one would be passed over, and what to do instead. */
const contradictions: readonly [keyof TypesRequest, keyof TypesRequest, hint: string][] = [
  ["path", "pattern", "A path begins with its type: task_struct.mm"],
  ["path", "kinds", "A path begins with its type: union bpf_attr.map_type"],
  ["path", "containers", "Ask for the path and for the containers in two calls"],
  ["path", "depth", "A path is told whole: its reads, and BPF_CORE_READ"],
  ["path", "as", "A path is told as its reads and as BPF_CORE_READ, which is C"],
  ["path", "cursor", "A path is told whole and has no further pages"],
  ["containers", "depth", "Containers are rows: ask for the type itself in a call of its own"],
  ["containers", "as", "Containers are rows: ask for the C of a type in a call of its own"],
  ["id", "pattern", "An id means one type: leave out the pattern"],
  ["id", "kinds", "An id means one type, of whatever kind it is"],
];

/** @throws validation/invalid_arguments naming both of two that contradict each other */
export function requireOneQuestion(request: TypesRequest): void {
  const isGiven = (name: keyof TypesRequest) => {
    if (name === "as") return request.as === "c";
    if (name === "kinds") return (request.kinds ?? []).length > 0;
    return request[name] !== undefined;
  };
  for (const [one, other, hint] of contradictions) {
    if (!isGiven(one) || !isGiven(other)) continue;
    const shown = other === "as" ? "as:c" : other;
    throw validationError("invalid_arguments", `get_btf_types takes ${one} or ${shown}, not both`, {
      arguments: [one, other],
      hint,
    });
  }
  if (!isGiven("containers") || isGiven("pattern") || isGiven("id")) return;
  throw validationError("invalid_arguments", "get_btf_types takes containers with pattern or id", {
    arguments: ["containers", "pattern"],
    hint: 'Add pattern with the type\'s name, such as "path", or its id',
  });
}
