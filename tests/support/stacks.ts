// The stacks that a gadget keeps by id in its map `stacks`, and the kernel's functions in them.
import type { McpSession } from "./client.ts";

const idHexDigits = 8;
const addressHexDigits = 16;
const mostStacks = 10_000;

/** Addresses by stack id, the innermost first, of the one map of this name. */
export async function readStacks(session: McpSession): Promise<Map<number, bigint[]>> {
  const stacks = new Map<number, bigint[]>();
  let cursor: string | undefined;
  do {
    const wanted = { map_name: "stacks", max_entries: mostStacks };
    const { entries, next_cursor } = await session.dump({ ...wanted, cursor });
    for (const { key, value } of entries) {
      const [id] = littleEndian(String(key), idHexDigits);
      const frames = littleEndian(String(value), addressHexDigits);
      stacks.set(Number(id), frames.filter((address) => address !== 0n));
    }
    cursor = next_cursor ?? undefined;
  } while (cursor !== undefined);
  return stacks;
}

function littleEndian(hex: string, digits: number): bigint[] {
  const numbers = hex.match(new RegExp(`.{${digits}}`, "g")) ?? [];
  return numbers.map((text) => BigInt(`0x${(text.match(/../g) ?? []).reverse().join("")}`));
}

/** Whether an address is in the kernel's function of this name, as /proc/kallsyms has it. */
export async function kernelFunction(name: string): Promise<(address: bigint) => boolean> {
  const symbols = await Deno.readTextFile("/proc/kallsyms");
  const own = new RegExp(`^([0-9a-f]+) [tT] ${name}$`, "m").exec(symbols);
  if (own === null) throw new Error(`the kernel has no function ${name}`);
  const start = BigInt(`0x${own[1]}`);
  const next = /\n([0-9a-f]+) /g;
  next.lastIndex = own.index;
  for (let found = next.exec(symbols); found !== null; found = next.exec(symbols)) {
    const end = BigInt(`0x${found[1]}`);
    if (end > start) return (address) => address >= start && address < end;
  }
  throw new Error(`the kernel has nothing behind ${name}`);
}
