// Most gadgets only watch; one that stands in the way of packets is for operators alone.
import { permissionError } from "../errors.ts";
import { includes, type Role } from "../policy/role.ts";
import type { Gadget } from "./skeleton.ts";

/** Why this role may not run it; null where it may. */
export function roleObstacle({ manifest: { role: wanted } }: Gadget, role: Role): string | null {
  if (wanted === undefined || includes(role, wanted)) return null;
  return `the role is ${role}, wanted ${wanted} or higher`;
}

/** @throws permission/tool_not_allowed when a higher role is wanted */
export function requireRole(gadget: Gadget, role: Role): void {
  const why = roleObstacle(gadget, role);
  if (why === null) return;
  const wanted = gadget.manifest.role;
  throw permissionError("tool_not_allowed", `Cannot run gadget "${gadget.name}": ${why}`, {
    tool: "run_gadget",
    gadget: gadget.name,
    role,
    wanted_role: wanted,
    hint: `The operator gives it by starting with --role ${wanted} (or EBPF_MCP_ROLE=${wanted})`,
  });
}
