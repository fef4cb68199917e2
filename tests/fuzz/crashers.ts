// Inputs that once failed: one file each below tests/testdata/fuzz/TARGET/, replayed for ever.
import { sha256 } from "../../scripts/generated.ts";

const folder = new URL("../testdata/fuzz/", import.meta.url);

export interface Crasher {
  readonly name: string;
  readonly input: Uint8Array<ArrayBuffer>;
}

/** Keeps an input; its path below the repository. */
export async function keepCrasher(
  target: string,
  input: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const name = `${(await sha256(input)).slice(0, 16)}.bin`;
  await Deno.mkdir(new URL(`${target}/`, folder), { recursive: true });
  await Deno.writeFile(new URL(`${target}/${name}`, folder), input);
  return `tests/testdata/fuzz/${target}/${name}`;
}

/** Those of a target, by name. */
export async function crashersOf(target: string): Promise<Crasher[]> {
  const path = new URL(`${target}/`, folder);
  const names: string[] = [];
  try {
    for await (const entry of Deno.readDir(path)) names.push(entry.name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return await Promise.all(
    names.sort().map(async (name) => ({ name, input: await Deno.readFile(new URL(name, path)) })),
  );
}
