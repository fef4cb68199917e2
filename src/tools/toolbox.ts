// Every tool of the program, in the order in which `tools/list` shows them.
import type { Tool } from "./define_tool.ts";

/** One line per tool file; `scripts/gen_schemas.ts` refuses a tool that is missing here. */
export const toolbox: readonly Tool[] = [];
