// Finds import circles: between files of the whole repository, and between the pure folders.
// The layer table itself is held by the lint plugin; a circle is only seen in the whole graph.
import * as z from "zod";
import { locked } from "./command.ts";
import { isPure } from "./lint/layer_table.ts";
import { buildFolder, pathInRepository, repository } from "./paths.ts";
import { warn } from "./say.ts";
import { listFiles } from "./tree.ts";

/** Which file imports which; types count as much as values. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

/** The circles, each as the files along it, with the first one named again at the end. */
export function findCircles(graph: ImportGraph): string[][] {
  const circles: string[][] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string) => {
    const start = path.indexOf(file);
    if (start !== -1) {
      circles.push([...path.slice(start), file]);
      return;
    }
    if (done.has(file)) return;
    path.push(file);
    for (const imported of graph.get(file) ?? []) visit(imported);
    path.pop();
    done.add(file);
  };
  for (const file of graph.keys()) visit(file);
  return circles;
}

/** The graph of the pure folders, from the graph of the files. */
export function pureFolders(graph: ImportGraph): ImportGraph {
  const folders = new Map<string, string[]>();
  for (const [file, imports] of graph) {
    if (!isPure(file)) continue;
    const from = folderOf(file);
    const targets = folders.get(from) ?? [];
    folders.set(from, targets);
    for (const imported of imports) {
      const to = folderOf(imported);
      if (isPure(imported) && to !== from && !targets.includes(to)) targets.push(to);
    }
  }
  return folders;
}

function folderOf(file: string): string {
  return file.split("/", 2).join("/");
}

const resolved = z.object({ specifier: z.string().optional() }).optional();

/** What `deno info --json` says, as far as it is used. */
const moduleGraph = z.object({
  modules: z.array(z.object({
    specifier: z.string(),
    dependencies: z.array(z.object({ code: resolved, type: resolved })).default([]),
  })),
});

/** Reads the graph with `deno info`, from one file that imports every other. */
async function readGraph(): Promise<ImportGraph> {
  const roots = (await listFiles("")).filter((path) => path.endsWith(".ts"));
  await Deno.mkdir(buildFolder, { recursive: true });
  const entry = new URL("import_graph.ts", buildFolder);
  await Deno.writeTextFile(entry, roots.map((path) => `import "../${path}";\n`).join(""));
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: locked("info", "--json", entry.pathname),
    cwd: repository,
    stdin: "null",
  }).output();
  await Deno.remove(entry);
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
  const graph = new Map<string, string[]>();
  const { modules } = moduleGraph.parse(JSON.parse(new TextDecoder().decode(stdout)));
  for (const { specifier, dependencies } of modules) {
    const file = specifier.startsWith("file:") ? pathInRepository(specifier) : null;
    if (file === null || file.startsWith(".build/")) continue;
    const targets = dependencies.flatMap(({ code, type }) => [code?.specifier, type?.specifier]);
    graph.set(file, targets.flatMap((target) => localFile(target) ?? []));
  }
  return graph;
}

function localFile(specifier: string | undefined): string | null {
  return specifier?.startsWith("file:") ? pathInRepository(specifier) : null;
}

if (import.meta.main) {
  const graph = await readGraph();
  const circles = [...findCircles(graph), ...findCircles(pureFolders(graph))];
  for (const circle of circles) warn(`import circle: ${circle.join(" -> ")}`);
  if (circles.length > 0) Deno.exit(1);
}
