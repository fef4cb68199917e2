// Runs clang over a text that includes the wanted headers.

/** What one run printed. */
export interface ClangOutput {
  stdout: string;
  stderr: string;
}

/** clang with `args` over the C text `source`. Errors in the text are for the caller to read. */
export async function clang(source: string, args: readonly string[]): Promise<ClangOutput> {
  const child = new Deno.Command("clang", {
    args: ["-x", "c", "-std=gnu11", "-D_GNU_SOURCE", "-ferror-limit=0", "-w", ...args, "-"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(source));
  await writer.close();
  const { stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/**
 * Includes in an order in which a header does not hide what another one brings: the kernel's first,
 * libbpf's, which include both others, last.
 */
export function includeLines(headers: Iterable<string>): string {
  const rank = (header: string) =>
    /^(asm|linux)\//.test(header) ? 0 : header.startsWith("bpf/") ? 2 : 1;
  const sorted = [...headers].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return sorted.map((header) => `#include <${header}>\n`).join("");
}
