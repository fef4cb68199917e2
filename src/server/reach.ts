// What a connection reaches of tools, resources and prompts, and, for the others, which role or
// flag would give them.
import type { Config } from "../config.ts";
import { type EBPFError, permissionError, validationError } from "../errors.ts";
import { lowestRole, reaches, type Role } from "../policy/role.ts";
import type { ToolTraits } from "../tools/define_tool.ts";
import { didYouMean } from "../view/did_you_mean.ts";

/** What the decision depends on; resources, templates and prompts have it too. */
export type Guarded = Pick<ToolTraits, "name" | "toolset" | "effect">;

/** Everything that a client may be offered: enough to answer `initialize`. */
export interface Offers {
  readonly tools: readonly Guarded[];
  readonly resources: readonly Guarded[];
  readonly templates: readonly Guarded[];
  readonly prompts: readonly Guarded[];
}

/** Why something is out of reach: `flag` hides it, or the role is too low for it. */
export type Obstacle =
  | { readonly kind: "excluded"; readonly flag: "--exclude-tools" }
  | { readonly kind: "unselected"; readonly flag: "--toolsets" | "--tools" }
  | { readonly kind: "role"; readonly wanted: Role };

/** What hides it under this configuration; null when it is within reach. */
export function obstacle(tool: Guarded, config: Config): Obstacle | null {
  if (config.excludeTools.includes(tool.name)) {
    return { kind: "excluded", flag: "--exclude-tools" };
  }
  if (!isSelected(tool, config)) {
    return { kind: "unselected", flag: config.toolsets === null ? "--tools" : "--toolsets" };
  }
  if (reaches(config.role, tool.effect)) return null;
  return { kind: "role", wanted: lowestRole(tool.effect) };
}

function isSelected(tool: Guarded, config: Config): boolean {
  if (config.toolsets === null && config.tools === null) return true;
  return (config.toolsets?.includes(tool.toolset) ?? false) ||
    (config.tools?.includes(tool.name) ?? false);
}

/** The answer to a call out of reach: what the operator would have to change. */
export function notAllowed(
  tool: Guarded,
  config: Config,
  barrier: Obstacle,
  verb: "call" | "read" | "get" = "call",
): EBPFError {
  const subject = `Cannot ${verb} "${tool.name}"`;
  const context = { tool: tool.name, effect: tool.effect, toolset: tool.toolset };
  switch (barrier.kind) {
    case "role":
      return permissionError(
        "tool_not_allowed",
        `${subject}: the role is ${config.role}, wanted ${barrier.wanted} or higher`,
        {
          ...context,
          role: config.role,
          wanted_role: barrier.wanted,
          hint: `The operator gives it by starting with --role ${barrier.wanted}` +
            ` (or EBPF_MCP_ROLE=${barrier.wanted})`,
        },
      );
    case "excluded":
      return permissionError("tool_not_allowed", `${subject}: --exclude-tools hides it`, {
        ...context,
        flag: barrier.flag,
        hint: "The operator gives it by taking it out of --exclude-tools",
      });
    case "unselected":
      return permissionError("tool_not_allowed", `${subject}: ${barrier.flag} leaves it out`, {
        ...context,
        flag: barrier.flag,
        hint: `The operator gives it by adding ${tool.toolset} to --toolsets` +
          ` or ${tool.name} to --tools`,
      });
  }
}

/**
 * Refuses a configuration that names what does not exist.
 * @throws validation/invalid_configuration
 */
export function checkNames(offers: Offers, config: Config): void {
  const { tools, resources, templates, prompts } = offers;
  const names = [...tools, ...resources, ...templates, ...prompts].map(({ name }) => name);
  check("--tools", config.tools ?? []);
  check("--exclude-tools", config.excludeTools);

  function check(flag: string, wanted: readonly string[]): void {
    for (const name of wanted) {
      if (names.includes(name)) continue;
      const meant = didYouMean(name, names);
      throw validationError(
        "invalid_configuration",
        `Cannot use ${flag}: there is no tool "${name}"${meant}`,
        { tools: names },
      );
    }
  }
}
