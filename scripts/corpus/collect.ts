// The objects of unpacked packages, each as a file of its own.
import { listFiles } from "../tree.ts";
import { cutObjects } from "./cut_objects.ts";
import type { UnpackedPackage } from "./packages.ts";

export interface ForeignObject {
  /** The file it was found in; with `#N` where that holds several. */
  readonly name: string;
  readonly package: string;
  readonly path: string;
}

/** Writes every object of the packages below `folder`. */
export async function collectObjects(
  packages: readonly UnpackedPackage[],
  folder: string,
): Promise<ForeignObject[]> {
  const found: ForeignObject[] = [];
  for (const { name, root } of packages) {
    for (const file of await listFiles("", root)) {
      if (file.startsWith("usr/share/")) continue;
      const objects = cutObjects(await Deno.readFile(new URL(encodeURI(file), root)));
      for (const [index, bytes] of objects.entries()) {
        const base = (file.split("/").at(-1) ?? file).replace(/\.o$/, "");
        const own = `${folder}/${name}-${index}`; // the file's own name names internal maps
        await Deno.mkdir(own, { recursive: true });
        const path = `${own}/${base}.o`;
        await Deno.writeFile(path, bytes);
        found.push({
          name: objects.length === 1 ? base : `${base}#${index + 1}`,
          package: name,
          path,
        });
      }
    }
  }
  return found;
}
