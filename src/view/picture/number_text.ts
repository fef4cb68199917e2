// Numbers with units as a person reads them: three digits or less, and a unit that fits.

export const units = ["ns", "us", "ms", "bytes", "pages", "count", "percent"] as const;
export type Unit = typeof units[number];

/** The unit that a field's name ends with: `latency_ns`, `sent_bytes`. */
export function unitOfName(name: string): Unit {
  return units.find((unit) => name.endsWith(`_${unit}`)) ?? "count";
}

const times = [["ns", 1], ["us", 1e3], ["ms", 1e6], ["s", 1e9]] as const;
const sizes = [
  ["B", 1],
  ["KiB", 2 ** 10],
  ["MiB", 2 ** 20],
  ["GiB", 2 ** 30],
  ["TiB", 2 ** 40],
] as const;
const counts = [["", 1], ["k", 1e3], ["M", 1e6], ["G", 1e9], ["T", 1e12]] as const;

/** `12.3 ms`, `4 KiB`, `1.2M`, `70%`. */
export function numberText(value: number, unit: Unit = "count"): string {
  switch (unit) {
    case "ns":
    case "us":
    case "ms": {
      const [, nanoseconds] = times.find(([name]) => name === unit) ?? times[0];
      return scaled(value * nanoseconds, times, " ");
    }
    case "bytes":
      return scaled(value, sizes, " ");
    case "pages":
      return `${scaled(value, counts, "")} pages`;
    case "percent":
      return `${digits(value)}%`;
    case "count":
      return scaled(value, counts, "");
  }
}

function scaled(
  value: number,
  steps: readonly (readonly [string, number])[],
  space: string,
): string {
  if (value === Infinity) return "∞";
  if (value === -Infinity) return "-∞";
  const step = steps.findLast(([, size]) => Math.abs(value) >= size) ?? steps[0];
  const [name, size] = step ?? ["", 1];
  return name === "" ? digits(value / size) : `${digits(value / size)}${space}${name}`;
}

/** Three digits that count, no zeros behind the point. */
function digits(value: number): string {
  if (!Number.isFinite(value)) return "-";
  const decimals = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return String(Number(value.toFixed(decimals)));
}
