// Builds every gadget to .build/embedded/gadgets/NAME.bpf.o and writes its typed skeleton.
// With --check it compares the skeletons instead and ends with 1 when one differs.
import { mustRun } from "./command.ts";
import { compileBpf, writeVmlinuxHeader } from "./bpf/compiler.ts";
import { describeBuilt } from "./bpf/describe_object.ts";
import { describers, findGadgets, type GadgetSource } from "./bpf/gadget_sources.ts";
import { listText, skeletonText } from "./bpf/skeleton_text.ts";
import { generatedHeader } from "./generated.ts";
import { buildFolder, embeddedFolder, pathInRepository, repository } from "./paths.ts";
import { say } from "./say.ts";
import { runScript, ScriptError } from "./script_error.ts";

const GENERATOR = "scripts/gen_skeletons.ts";
const unlinked = new URL("gadgets/", buildFolder);
const objects = new URL("gadgets/", embeddedFolder);
const skeletons = new URL("src/gadgets/", repository);

/** Compiles, links and strips one gadget; the object's bytes. */
async function buildGadget({ name, source }: GadgetSource): Promise<Uint8Array> {
  const compiled = new URL(`${name}.o`, unlinked);
  const linked = new URL(`${name}.bpf.o`, objects);
  await Deno.mkdir(unlinked, { recursive: true });
  await Deno.mkdir(objects, { recursive: true });
  await compileBpf({ source, output: compiled });
  await mustRun("bpftool", ["gen", "object", linked.pathname, compiled.pathname]);
  return await Deno.readFile(linked);
}

/** The generated files with what they must contain. */
async function generateAll(): Promise<Map<URL, string>> {
  await writeVmlinuxHeader();
  const gadgets = await findGadgets();
  const files = new Map<URL, string>();
  for (const gadget of gadgets) {
    const skeleton = describeBuilt(gadget.name, gadget.manifest, await buildGadget(gadget));
    const header = await generatedHeader(GENERATOR, gadget.inputs);
    const file = new URL(`${gadget.name}.skel.gen.ts`, skeletons);
    files.set(file, `${header}\n${skeletonText(skeleton)}`);
  }
  const names = gadgets.map(({ name }) => name);
  const header = await generatedHeader(GENERATOR, ["bpf/gadgets", ...describers]);
  files.set(new URL("embedded.gen.ts", skeletons), `${header}\n${listText(names)}`);
  return files;
}

async function readIfThere(file: URL): Promise<string | null> {
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

async function main(args: readonly string[]): Promise<void> {
  const unknown = args.find((argument) => argument !== "--check");
  if (unknown !== undefined) throw new ScriptError(`unknown argument "${unknown}"; only --check`);
  const differing: string[] = [];
  for (const [file, text] of await generateAll()) {
    if (await readIfThere(file) === text) continue;
    differing.push(pathInRepository(file.href) ?? file.pathname);
    if (args.length === 0) await Deno.writeTextFile(file, text);
  }
  if (args.length === 0) differing.forEach((path) => say(`gen: wrote ${path}`));
  else if (differing.length > 0) {
    throw new ScriptError(`stale: ${differing.join(", ")}; run: deno task gen`);
  }
}

if (import.meta.main) await runScript("gen", () => main(Deno.args));
