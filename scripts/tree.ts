// What is on disk.
import { repository } from "./paths.ts";

/**
 * The files below a folder ("" is everything, else it ends in a slash), sorted, as paths below the
 * root; without dot files, dot folders and what a build makes.
 */
export async function listFiles(folder: string, root: URL = repository): Promise<string[]> {
  const files: string[] = [];
  for await (const entry of Deno.readDir(new URL(folder || ".", root))) {
    const path = `${folder}${entry.name}`;
    if (entry.name.startsWith(".") || path === "dist" || entry.name === "node_modules") continue;
    if (entry.isDirectory) files.push(...await listFiles(`${path}/`, root));
    else if (entry.isFile) files.push(path);
  }
  return files.sort();
}

/** True when a path is there, whatever it is. */
export function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
