// `bpftool map dump` in the terms of our map_dump, so that both can be compared whole.
import * as z from "zod";
import { mustRun } from "../../scripts/command.ts";

export interface Entry {
  readonly key: unknown;
  readonly value: unknown;
}

const hexBytes = z.array(z.string());
const cpuValues = z.array(z.object({ cpu: z.int(), value: z.unknown() }));

const element = z.object({
  key: hexBytes,
  value: hexBytes.optional(),
  values: cpuValues.optional(),
  formatted: z.object({
    key: z.unknown().optional(),
    value: z.unknown().optional(),
    values: cpuValues.optional(),
  }).optional(),
});

/**
 * Every element of a map in the kernel's order, with 64-bit numbers as map_dump gives them. A map
 * of maps holds their ids.
 */
export async function bpftoolDump(mapId: number, kind?: "of_maps"): Promise<Entry[]> {
  const text = await mustRun("bpftool", ["-j", "map", "dump", "id", String(mapId)]);
  const value: unknown = JSON.parse(quoteInexact(text));
  return z.array(element).parse(value).map(({ key, value, values, formatted }) => {
    if (kind === "of_maps") return { key: hex(key), value: littleEndian(value ?? []) };
    if (formatted === undefined) return { key: hex(key), value: values ?? hex(value ?? []) };
    return { key: formatted.key ?? 0, value: formatted.values ?? merged(formatted.value) };
  });
}

/** Numbers that JSON.parse would round become text. */
function quoteInexact(json: string): string {
  return json.replaceAll(
    /([:[])(-?\d{16,})(?=[,}\]])/g,
    (whole, before, digits) =>
      Number.isSafeInteger(Number(digits)) ? whole : `${before}"${digits}"`,
  );
}

function hex(bytes: readonly string[]): string {
  return bytes.map((byte) => byte.slice(2)).join("");
}

function littleEndian(bytes: readonly string[]): number {
  return Number(`0x${hex(bytes.toReversed())}`);
}

/** A section is `{".data": [{"first": 1}, {"second": 2}]}`: a variable each. */
function merged(value: unknown): unknown {
  const section = z.record(z.string().startsWith("."), z.array(z.record(z.string(), z.unknown())));
  const parsed = section.safeParse(value);
  if (!parsed.success) return withNumbers(value);
  return Object.assign({}, ...Object.values(parsed.data).flat());
}

/** Bitfields are hexadecimal text there. */
function withNumbers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withNumbers);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withNumbers(one)]));
  }
  return typeof value === "string" && /^0x[0-9a-f]+$/.test(value) ? Number(value) : value;
}
