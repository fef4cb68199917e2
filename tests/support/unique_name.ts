// Names that no other test process uses at the same time.

/** `ebpf-mcp-e2e-1234-5f3a`: this process and a number that is drawn. */
export function uniqueName(prefix = "ebpf-mcp-e2e"): string {
  return `${prefix}-${Deno.pid}-${crypto.randomUUID().slice(0, 4)}`;
}
