// Our side: load_program over MCP; what the kernel then has is read by bpftool, for the ids that
// our process holds descriptors of.
import { McpClient } from "../bench/mcp_client.ts";
import { mustRun } from "../command.ts";
import { isNode, type JsonNode, nodeOf, textOf } from "../ffi/json_node.ts";
import { ScriptError } from "../script_error.ts";
import { misreported } from "./answer_check.ts";
import type { Outcome } from "./bpftool_load.ts";
import { kernelLists } from "./kernel_lists.ts";

/** The structured answer of a tool, or its error object. */
export type Answer =
  | { readonly result: JsonNode; readonly error: null }
  | { readonly result: null; readonly error: JsonNode };

export async function callTool(client: McpClient, name: string, args: JsonNode): Promise<Answer> {
  const { result } = await client.request("tools/call", { name, arguments: args });
  const structured = nodeOf(result, "structuredContent");
  if (result.isError !== true) return { result: structured, error: null };
  const [content] = Array.isArray(result.content) ? result.content : [];
  const parsed: unknown = JSON.parse(textOf({ ...content }, "text") ?? "{}");
  return { result: null, error: nodeOf({ ...Object(parsed) }, "error") };
}

/** What load_program made of an object, and what its answer says of it that is not so. */
export type OurOutcome = Outcome<JsonNode> & { readonly misreported: readonly string[] };

/**
 * Loads an object, lists what came of it, and unloads it.
 * @throws {ScriptError} when something of it stays
 */
export async function loadWithOurs(client: McpClient, path: string): Promise<OurOutcome> {
  const source = { type: "file", path };
  const { result, error } = await callTool(client, "load_program", { source });
  if (error !== null) {
    requireNothingHeld(client.pid, path);
    return { loaded: null, refused: error, misreported: [] };
  }
  const shown: string[] = [];
  for (const held of heldIds(client.pid)) {
    const [kind = "", id = ""] = held.split(" ");
    shown.push(await mustRun("bpftool", ["-j", kind, "show", "id", id]));
  }
  const { object_id } = result;
  const unloaded = await callTool(client, "unload_program", { object_id });
  if (unloaded.error !== null) throw new ScriptError(`Cannot unload "${path}"`);
  requireNothingHeld(client.pid, path);
  const nodes = shown.map((text): unknown => JSON.parse(text)).filter(isNode);
  return {
    loaded: kernelLists(shown),
    refused: null,
    misreported: misreported(result, nodes),
  };
}

function requireNothingHeld(pid: number, path: string): void {
  const left = [...heldIds(pid)];
  if (left.length > 0) throw new ScriptError(`After "${path}" there stays: ${left.join(", ")}`);
}

/** `prog ID` and `map ID` of every descriptor that a process has of one. */
function heldIds(pid: number): Set<string> {
  const held = new Set<string>();
  for (const { name } of Deno.readDirSync(`/proc/${pid}/fdinfo`)) {
    const text = fdText(`/proc/${pid}/fdinfo/${name}`);
    for (const [, kind, id] of text.matchAll(/^(prog|map)_id:\s*(\d+)$/gm)) {
      held.add(`${kind} ${id}`);
    }
  }
  return held;
}

/** Empty when the descriptor was closed meanwhile. */
function fdText(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}
