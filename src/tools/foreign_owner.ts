// What is not this session's is touched only by an admin, and never without saying whose it is.
import { permissionError } from "../errors.ts";
import type { ToolContext } from "./define_tool.ts";

const MOST_OWNERS = 10;

export interface ForeignOwner {
  readonly pid: number;
  readonly comm: string;
}

/** Processes that hold an object, each once. */
export function ownersOf(
  kind: "program" | "map" | "link",
  id: number,
  { host }: ToolContext,
): ForeignOwner[] {
  const owners = new Map<number, ForeignOwner>();
  for (const { pid, comm } of host.owners().of(kind, id)) owners.set(pid, { pid, comm });
  return [...owners.values()].slice(0, MOST_OWNERS);
}

/** @throws not_owner naming the owners, unless the caller is an admin */
export function requireAdmin(
  kind: "program" | "map" | "link",
  id: number,
  context: ToolContext,
): void {
  if (context.request.role === "admin") return;
  const owners = ownersOf(kind, id, context);
  const [first] = owners;
  const whose = first === undefined
    ? "no process, a pin or a link keeps it"
    : `it belongs to ${first.comm} (pid ${first.pid})`;
  throw permissionError("not_owner", `The ${kind} ${id} is not of this session: ${whose}`, {
    [`${kind}_id`]: id,
    owners,
    role: context.request.role,
    wanted_role: "admin",
    hint: "only what this session made can be released here; the operator gives --role admin",
  });
}
