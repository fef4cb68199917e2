// Which header of ours brings which file: glibc and the kernel declare much in private sub-headers
// (bits/…, asm/…) that nobody may include directly.

/** `/usr/include/x86_64-linux-gnu/sys/epoll.h` as one would include it: `sys/epoll.h`. */
export function includeName(path: string): string {
  return path.replace(/^.*\/include\/(?:[^/]+-linux-[^/]+\/)?/, "");
}

/**
 * Reads clang's `-H` output. For each file, the headers among `wanted` that bring it: itself, or
 * the nearest one on a path of includes that led to it.
 */
export function bringers(
  output: string,
  wanted: ReadonlySet<string>,
): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  const stack: string[] = [];
  for (const line of output.split("\n")) {
    const match = /^(\.+) (.+)$/.exec(line);
    if (match === null) continue;
    const [, dots = "", path = ""] = match;
    stack.length = dots.length - 1;
    stack.push(includeName(path));
    const header = stack.findLast((name) => wanted.has(name));
    if (header === undefined) continue;
    const file = stack[stack.length - 1] ?? "";
    found.set(file, (found.get(file) ?? new Set()).add(header));
  }
  return found;
}
