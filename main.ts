// Wiring: what is there before anything is asked for. No logic.
import type { Program, Terminal } from "./src/cli/command.ts";
import { main } from "./src/cli/main.ts";
import { listenForEnd } from "./src/cli/signals.ts";
import { offers } from "./src/server/offers.gen.ts";

const terminal: Terminal = {
  stdin: Deno.stdin,
  stdout: Deno.stdout,
  columns: terminalColumns,
  stderr: Deno.stderr,
  launch: Deno.build.standalone
    ? [Deno.execPath()]
    : [Deno.execPath(), "run", "--allow-all", import.meta.filename ?? "main.ts"],
  environment: (name) => Deno.env.get(name),
  workingDirectory: () => Deno.cwd(), // libc takes 3 ms of every start
  listenForEnd,
};

const DEFAULT_COLUMNS = 80;

/** Of the terminal that is stdin, stdout or stderr; asked anew, as its window may change. */
function terminalColumns(): number {
  try {
    return Deno.consoleSize().columns || DEFAULT_COLUMNS; // 0: nobody told the terminal
  } catch {
    return DEFAULT_COLUMNS; // there is none
  }
}

async function load(): Promise<Program> {
  const { makeProgram } = await import("./program.ts");
  const folder = Deno.build.standalone ? "./embedded/" : "./.build/embedded/";
  return makeProgram(terminal, new URL(folder, import.meta.url));
}

const code = await main(Deno.args, { offers, terminal, load });
// A timer, a poller or a read of stdin that still waits must not keep the process.
Deno.exit(code);
