// The gadgets in bpf/gadgets: their sources, and their manifests checked.
import * as z from "zod";
import { type GadgetManifest, gadgetManifestSchema } from "../../src/gadgets/manifest.ts";
import { repository } from "../paths.ts";
import { ScriptError } from "../script_error.ts";

const folder = "bpf/gadgets";

/** What turns objects into skeletons. */
export const describers: readonly string[] = ["scripts/bpf", "src/gadgets/describe_object.ts"];

export interface GadgetSource {
  readonly name: string;
  readonly source: URL;
  readonly manifest: GadgetManifest;
  /** What the skeleton follows from, as paths below the repository. */
  readonly inputs: readonly string[];
}

/** Every gadget, by name. @throws {ScriptError} naming the manifest and what is wrong with it */
export async function findGadgets(): Promise<GadgetSource[]> {
  const gadgets: GadgetSource[] = [];
  for await (const entry of Deno.readDir(new URL(`${folder}/`, repository))) {
    if (entry.isDirectory) gadgets.push(await readGadget(entry.name));
  }
  return gadgets.sort((one, other) => one.name < other.name ? -1 : 1);
}

async function readGadget(name: string): Promise<GadgetSource> {
  const source = `${folder}/${name}/${name}.bpf.c`;
  const manifest = `${folder}/${name}/manifest.json`;
  return {
    name,
    source: new URL(source, repository),
    manifest: parseManifest(await Deno.readTextFile(new URL(manifest, repository)), manifest),
    inputs: [source, manifest, "bpf/include", ...describers],
  };
}

/** @throws {ScriptError} naming `subject`, and each place with what is wrong there */
export function parseManifest(text: string, subject: string): GadgetManifest {
  const json: unknown = JSON.parse(text);
  const parsed = gadgetManifestSchema().safeParse(json);
  if (parsed.success) return parsed.data;
  throw new ScriptError(`${subject}:\n${z.prettifyError(parsed.error)}`);
}
