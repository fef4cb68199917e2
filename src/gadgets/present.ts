// What a field's number means, shown beside it: names of errors, signals, calls; addresses as text.
import { errnoName } from "../errno.ts";
import { ipText } from "../view/ip_address.ts";
import {
  capabilityName,
  signalName,
  systemCallName,
  type SystemCallTable,
} from "../view/kernel_names.ts";
import type { Transport } from "../view/service_names.ts";
import type { FieldFormat, FieldMeaning } from "./field.ts";

type Fields = Readonly<Record<string, unknown>>;

/** The most that a kernel's return value can be below 0 and mean an error. */
const MOST_ERRNO = 4095;
const MINOR_BITS = 20;

/** Whom to ask for what this host calls things. */
export interface Presenter {
  /** Whose numbers system calls have; by default this architecture's. */
  readonly table?: SystemCallTable;
  service?(port: number, transport: Transport): string | null;
}

/** What stands beside a value, and under which ending of the field's name. */
interface Reading {
  readonly ending: "_name" | "_text";
  readonly text: string;
}

/**
 * The fields with what they mean: `ret: -2` gets `ret_name: "ENOENT"` behind it, a mode or a device
 * a `_text`; the bytes of an address give way to its text. A value that means nothing more (no
 * error, a signal that does not exist) stays alone, as do fields that nothing is said of.
 *
 * @param meanings by field, as the gadget's manifest has them
 */
export function presentFields(
  meanings: Readonly<Record<string, FieldMeaning>>,
  event: Fields,
  presenter: Presenter = {},
): Record<string, unknown> {
  const table = presenter.table ?? Deno.build.arch;
  const shown: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(event)) {
    const format = Object.hasOwn(meanings, name) ? meanings[name]?.format : undefined;
    shown[name] = format === "address" ? addressText(value) : value;
    const reading = format === "port"
      ? serviceOf(value, event.protocol, presenter)
      : format === undefined
      ? null
      : readingOf(format, value, table);
    const beside = reading === null ? name : `${name}${reading.ending}`;
    if (reading !== null && !Object.hasOwn(event, beside)) shown[beside] = reading.text;
  }
  return shown;
}

function readingOf(format: FieldFormat, value: unknown, table: SystemCallTable): Reading | null {
  const number = typeof value === "string" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isSafeInteger(number)) return null;
  const name = (text: string | null): Reading | null =>
    text === null ? null : { ending: "_name", text };
  switch (format) {
    case "errno":
      return number < 0 && number >= -MOST_ERRNO ? name(errnoName(-number)) : null;
    case "signal":
      return name(signalName(number));
    case "syscall":
      return name(systemCallName(number, table));
    case "capability":
      return name(capabilityName(number));
    case "mode":
      return { ending: "_text", text: (number & 0o7777).toString(8).padStart(4, "0") };
    case "device":
      return { ending: "_text", text: deviceText(number) };
    default:
      return null; // an address takes the place of its bytes; stacks and histograms are not here
  }
}

function serviceOf(port: unknown, protocol: unknown, { service }: Presenter): Reading | null {
  if (typeof port !== "number" || port === 0) return null;
  const transport = typeof protocol === "string" && /UDP/i.test(protocol) ? "udp" : "tcp";
  const text = service?.(port, transport) ?? null;
  return text === null ? null : { ending: "_name", text };
}

/** dev_t as it is inside the kernel: the minor number in the low 20 bits. */
function deviceText(device: number): string {
  return `${Math.floor(device / 2 ** MINOR_BITS)}:${device % 2 ** MINOR_BITS}`;
}

function addressText(value: unknown): unknown {
  const isBytes = Array.isArray(value) && value.every((byte) => typeof byte === "number");
  return isBytes ? ipText(value) ?? value : value;
}
