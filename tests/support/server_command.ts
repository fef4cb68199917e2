// The program under test: what `deno task build` made, or what EBPF_MCP_TEST_COMMAND says.
import { distFolder } from "../../scripts/paths.ts";

const variable = "EBPF_MCP_TEST_COMMAND";

export interface Launch {
  readonly program: string;
  readonly args: readonly string[];
}

/** How to start the program with these arguments; `wrapper` runs it inside something else. */
export function launch(args: readonly string[], wrapper: readonly string[] = []): Launch {
  const instead = Deno.env.get(variable)?.split(" ").filter((word) => word !== "");
  const own = instead ?? [new URL("ebpf-mcp", distFolder).pathname];
  const [program = "", ...rest] = [...wrapper, ...own, ...args];
  return { program, args: rest };
}
