// Where things are: the repository, what a build makes on the way, and what outlives it.

/** The repository, as a file URL that ends in a slash. */
export const repository = new URL("../", import.meta.url);

/** Intermediate files of a build; ignored by git, safe to delete. */
export const buildFolder = new URL(".build/", repository);

/** What is embedded in the executable, and what a server run from source reads instead. */
export const embeddedFolder = new URL("embedded/", buildFolder);

/** What a build makes. */
export const distFolder = new URL("dist/", repository);

/** The path of a file (a path or a file URL) below the repository, or null outside it. */
export function pathInRepository(file: string): string | null {
  const path = file.startsWith("file:") ? new URL(file).pathname : file;
  return path.startsWith(repository.pathname) ? path.slice(repository.pathname.length) : null;
}

/** Downloads that outlive a build and are shared by checkouts: `$XDG_CACHE_HOME/ebpf-mcp/`. */
export function cacheFolder(): URL {
  const base = Deno.env.get("XDG_CACHE_HOME") || `${Deno.env.get("HOME") || "/var"}/.cache`;
  return new URL(`file://${encodeURI(base)}/ebpf-mcp/`);
}
