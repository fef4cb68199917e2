// A folder of an operator's gadgets, with count_calls in it.
import { buildObject } from "./objects.ts";

const manifest = new URL("../testdata/gadgets/count_calls/manifest.json", import.meta.url);

export interface GadgetFolder extends AsyncDisposable {
  readonly path: string;
}

/** @param files what else is in it, by path */
export async function countCallsFolder(files: Record<string, string> = {}): Promise<GadgetFolder> {
  const path = await Deno.makeTempDir();
  await Deno.mkdir(`${path}/count_calls`);
  await Deno.copyFile(await buildObject("count_calls"), `${path}/count_calls/count_calls.bpf.o`);
  await Deno.copyFile(manifest, `${path}/count_calls/manifest.json`);
  for (const [name, text] of Object.entries(files)) {
    await Deno.mkdir(`${path}/${name.slice(0, name.lastIndexOf("/"))}`, { recursive: true });
    await Deno.writeTextFile(`${path}/${name}`, text);
  }
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}
