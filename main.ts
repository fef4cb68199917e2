// Wiring: what the program is made of. No logic.
import { main } from "./src/cli/main.ts";
import { Registry } from "./src/server/registry.ts";

const code = await main(Deno.args, {
  registry: new Registry([]),
  terminal: {
    stdin: Deno.stdin,
    stdout: Deno.stdout,
    stderr: Deno.stderr,
    executable: Deno.execPath(),
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
