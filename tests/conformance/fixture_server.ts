// The production command line with the fixtures instead of the production tools.
import { main } from "../../src/cli/main.ts";
import { listenForEnd } from "../../src/cli/signals.ts";
import { Host } from "../../src/host/host.ts";
import { KernelBtf } from "../../src/kernel/kernel_btf.ts";
import { KernelView } from "../../src/kernel/kernel_view.ts";
import { Registry } from "../../src/server/registry.ts";
import { entryOf } from "../support/entry.ts";
import { openSession } from "../support/session.ts";
import { fixturePrompts } from "./fixtures/prompts.ts";
import { fixtureResources, fixtureTemplates } from "./fixtures/resources.ts";
import { fixtureTools } from "./fixtures/tools.ts";

const kernel = new KernelView(new KernelBtf());
const host = new Host();

const program = entryOf({
  registry: new Registry(fixtureTools, {
    resources: fixtureResources,
    templates: fixtureTemplates,
    prompts: fixturePrompts,
  }),
  terminal: {
    stdin: Deno.stdin,
    stdout: Deno.stdout,
    stderr: Deno.stderr,
    columns: () => 80,
    launch: [Deno.execPath()],
    environment: (name) => Deno.env.get(name),
    workingDirectory: () => Deno.cwd(),
    listenForEnd,
  },
  openServices: (config) => Promise.resolve({ config, session: openSession(), kernel, host }),
  readFile: (path) => Deno.readFile(path),
  shutForeignPeers: () => [],
  describeHost: () => ({}),
});
const code = await main(["serve", ...Deno.args], program);
Deno.exit(code);
