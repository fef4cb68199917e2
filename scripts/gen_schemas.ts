// Writes schemas/: one contract per tool, the plan, the error, and the reference of tools,
// resources and prompts; and src/server/offers.gen.ts, the names of all of them.
// With --check it writes nothing and exits 1, naming each stale file.
import { libraryReference } from "../src/cli/library_reference.ts";
import { schemaDocument } from "../src/cli/schemas.ts";
import { toolReference } from "../src/cli/tool_reference.ts";
import { prompts } from "../src/prompts/shelf.ts";
import { resources, resourceTemplates } from "../src/resources/shelf.ts";
import { toolbox } from "../src/tools/toolbox.ts";
import { generatedHeader } from "./generated.ts";
import { repository } from "./paths.ts";
import { fail, say } from "./say.ts";

const folder = new URL("schemas/", repository);
const offersFile = new URL("src/server/offers.gen.ts", repository);

/** The lists that say what there is: with a changed one the generated file is stale. */
const shelves = ["src/tools/toolbox.ts", "src/resources/shelf.ts", "src/prompts/shelf.ts"];

interface Offered {
  readonly name: string;
  readonly toolset: string;
  readonly effect: string;
}

/** What answers `initialize` without a tool's code. */
async function offersText(): Promise<string> {
  const list = (all: readonly Offered[]) => {
    const lines = all.map(({ name, toolset, effect }) => {
      return `    { name: "${name}", toolset: "${toolset}", effect: "${effect}" },\n`;
    });
    return `[\n${lines.join("")}  ]`;
  };
  return [
    await generatedHeader("scripts/gen_schemas.ts", shelves),
    'import type { Offers } from "./reach.ts";',
    "",
    "/** Everything that a client may be offered. */",
    "export const offers: Offers = {",
    `  tools: ${list(toolbox)},`,
    `  resources: ${list(resources)},`,
    `  templates: ${list(resourceTemplates)},`,
    `  prompts: ${list(prompts)},`,
    "};",
    "",
  ].join("\n");
}

/** What the folder must hold: file names and texts. */
function expectedFiles(): Map<string, string> {
  // The version changes with every release, the schemas do not.
  const { version: _, tools, ...others } = schemaDocument(toolbox);
  const library = libraryReference({ resources, templates: resourceTemplates, prompts });
  const files = new Map([["README.md", `${toolReference(toolbox)}\n${library}`]]);
  for (const [name, schema] of [...Object.entries(others), ...Object.entries(tools)]) {
    files.set(`${name}.json`, `${JSON.stringify(schema, null, 2)}\n`);
  }
  return files;
}

/** Tools that are defined in src/tools but missing in the toolbox. */
async function forgottenTools(): Promise<string[]> {
  const listed = await Deno.readTextFile(new URL("src/tools/toolbox.ts", repository));
  const forgotten: string[] = [];
  for await (const { name } of Deno.readDir(new URL("src/tools/", repository))) {
    if (!name.endsWith(".ts")) continue;
    const text = await Deno.readTextFile(new URL(`src/tools/${name}`, repository));
    if (/= defineTool\(/.test(text) && !listed.includes(`"./${name}"`)) forgotten.push(name);
  }
  return forgotten.sort();
}

async function presentFiles(): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of Deno.readDir(folder)) if (entry.isFile) names.push(entry.name);
  return names.sort();
}

async function readOrEmpty(file: URL): Promise<string> {
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

const forgotten = await forgottenTools();
if (forgotten.length > 0) fail(`src/tools/toolbox.ts lacks ${forgotten.join(", ")}`);
const expected = expectedFiles();
await Deno.mkdir(folder, { recursive: true });
const stale: string[] = [];
for (const [name, text] of expected) {
  if (await readOrEmpty(new URL(name, folder)) !== text) stale.push(name);
}
const offers = await offersText();
const isOffersStale = await readOrEmpty(offersFile) !== offers;
const surplus = (await presentFiles()).filter((name) => !expected.has(name));
if (Deno.args.includes("--check")) {
  const problems = [...stale, ...surplus].map((name) => `schemas/${name} is stale`);
  if (isOffersStale) problems.push("src/server/offers.gen.ts is stale");
  if (problems.length > 0) fail(`${problems.join("\n")}\nRun "deno task gen"`);
} else {
  if (isOffersStale) {
    await Deno.writeTextFile(offersFile, offers);
    say("src/server/offers.gen.ts written");
  }
  for (const name of stale) {
    await Deno.writeTextFile(new URL(name, folder), expected.get(name) ?? "");
    say(`schemas/${name} written`);
  }
  for (const name of surplus) {
    await Deno.remove(new URL(name, folder));
    say(`schemas/${name} removed`);
  }
}
