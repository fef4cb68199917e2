// Wiring: what the program is made of. No logic.
import { main } from "./src/cli/main.ts";
import { Registry } from "./src/server/registry.ts";
import { toolbox } from "./src/tools/toolbox.ts";

const code = await main(Deno.args, {
  registry: new Registry(toolbox),
  terminal: {
    stdin: Deno.stdin,
    stdout: Deno.stdout,
    stderr: Deno.stderr,
    launch: Deno.build.standalone
      ? [Deno.execPath()]
      : [Deno.execPath(), "run", "--allow-all", import.meta.filename ?? "main.ts"],
    environment: (name) => Deno.env.get(name),
    workingDirectory: () => Deno.cwd(),
  },
  openServices: (config) =>
    Promise.resolve({ config, session: { [Symbol.asyncDispose]: () => Promise.resolve() } }),
  readFile: (path) => Deno.readFile(path),
  describeHost: () => ({}),
});
// A timer, a poller or a read of stdin that still waits must not keep the process.
Deno.exit(code);
