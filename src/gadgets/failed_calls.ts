// Counts the system calls that fail: loads the gadget trace_errors, waits, and reads its table.
import * as z from "zod";
import { errnoNumber } from "../errno.ts";
import { internalError, validationError } from "../errors.ts";
import { attach } from "../session/attach_program.ts";
import { loadObject } from "../session/load_object.ts";
import type { LoadedObject } from "../session/loaded_object.ts";
import { detachObject, unloadObject } from "../session/release.ts";
import type { Session } from "../session/session.ts";
import { readTable } from "../session/table_rows.ts";
import { didYouMean } from "../view/did_you_mean.ts";
import { ipText } from "../view/ip_address.ts";
import {
  systemCallName,
  systemCallNames,
  systemCallNumber,
  type SystemCallTable,
} from "../view/kernel_names.ts";
import { resolveGlobals } from "./parameters.ts";

const GADGET = "trace_errors";
const TABLE = "failed";
/** Words of 64 bits in the gadget's sets of numbers. */
const SET_WORDS = 8;

/** What 32-bit programs call. */
const compatTables: Readonly<Record<string, SystemCallTable | undefined>> = { x86_64: "i386" };

/** What is counted; the gadget's own filters by name, null or absent means any. */
export interface FailedCallFilters {
  readonly params: Readonly<Record<string, unknown>>;
  /** Names such as `openat`. */
  readonly syscalls?: readonly string[];
  /** Names such as `ENOENT`. */
  readonly errnos?: readonly string[];
}

/** Calls of one process that failed the same way. */
export interface FailedCalls {
  readonly syscall: string;
  /** A 32-bit call on a 64-bit kernel. */
  readonly isCompat: boolean;
  /** Positive. */
  readonly errno: number;
  readonly count: number;
  readonly pid: number;
  readonly uid: number;
  readonly comm: string;
  readonly cgroupId: bigint;
  /** By CLOCK_MONOTONIC. */
  readonly lastNs: bigint;
  readonly sample: FailureSample;
}

/** The arguments of the first of them, as far as they tell something. */
export interface FailureSample {
  readonly path?: string;
  /** `10.0.0.1:80`, `[::1]:80` */
  readonly address?: string;
  /** Of the address. */
  readonly port?: number;
  /** The first four, as the registers held them. */
  readonly args: readonly bigint[];
}

export interface FailureCount {
  readonly rows: readonly FailedCalls[];
  /** Failures for which the table had no room. */
  readonly dropped: number;
  /** Runs that the kernel skipped; null when it does not count them. */
  readonly missedRuns: number | null;
}

const number64 = z.union([z.int(), z.string()]);

const row = z.object({
  cgroup_id: number64,
  pid: z.int(),
  uid: z.int(),
  syscall: z.int(),
  ret: z.int(),
  compat: z.int(),
  comm: z.string(),
  count: number64,
  last_ns: number64,
  args: z.array(number64),
  has_path: z.int(),
  family: z.int(),
  port: z.int(),
  address: z.array(z.int()),
  path: z.string(),
});

const AF_INET = 2;
const AF_INET6 = 10;

/**
 * Counts until `until` resolves. Everything is released when it returns or throws.
 * @param until is called when counting has begun; what it gives is called when counting has ended
 * @throws validation/invalid_arguments for names that do not exist; what resolveGlobals, loadObject
 *   and attach throw
 */
export async function countFailedCalls(
  session: Session,
  filters: FailedCallFilters,
  until: (attached: LoadedObject) => Promise<() => void>,
  signal: AbortSignal,
): Promise<FailureCount> {
  const gadget = session.services.gadgets.get(GADGET);
  const globals = {
    ...await resolveGlobals(gadget, filters.params, signal),
    ...setsOf(filters),
  };
  const source = { type: "gadget", name: GADGET } as const;
  const object = await loadObject(session, { source, globals, signal });
  try {
    for (const { info } of object.programs) {
      await attach(session, info.id, { type: "auto" }, signal);
    }
    const ended = await until(object);
    try {
      await detachObject(session, object.objectId);
    } finally {
      ended();
    }
    return await readCount(object, signal);
  } finally {
    if (session.objects.find(object.objectId) !== undefined) {
      await unloadObject(session, object.objectId);
    }
  }
}

/** The gadget's sets of wanted numbers. */
function setsOf({ syscalls = [], errnos = [] }: FailedCallFilters): Record<string, unknown> {
  const native = Deno.build.arch;
  const compat = compatTables[native];
  const numbers = errnos.map((name) => errnoNumber(name) ?? unknownErrno(name));
  const calls = syscalls.map((name) => {
    const known = [systemCallNumber(name, native), compat && systemCallNumber(name, compat)];
    if (known.every((one) => typeof one !== "number")) throw unknownCall(name);
    return known;
  });
  return {
    ...(errnos.length === 0 ? {} : { by_errnos: true, wanted_errnos: bits(numbers) }),
    ...(syscalls.length === 0 ? {} : {
      by_syscalls: true,
      wanted_syscalls: bits(calls.map(([number]) => number)),
      wanted_compat: bits(calls.map(([, number]) => number)),
    }),
  };
}

/** 64-bit words as decimal text, a bit for each number. */
function bits(numbers: readonly (number | null | undefined)[]): string[] {
  const words = Array.from({ length: SET_WORDS }, () => 0n);
  for (const number of numbers) {
    if (typeof number !== "number") continue;
    words[number >> 6] |= 1n << BigInt(number & 63);
  }
  return words.map(String);
}

function unknownErrno(name: string): never {
  throw validationError("invalid_arguments", `There is no error "${name}"`, {
    hint: "errnos are names such as ENOENT",
  });
}

function unknownCall(name: string): Error {
  const names = systemCallNames(Deno.build.arch);
  const message = `There is no system call "${name}"${didYouMean(name, names)}`;
  return validationError("invalid_arguments", message, {
    hint: "syscalls are the kernel's names, such as openat",
  });
}

/** After it was detached, so that the rows and the counts are of the same moment. */
async function readCount(object: LoadedObject, signal: AbortSignal): Promise<FailureCount> {
  const map = object.maps.find(({ name }) => name === TABLE);
  if (map === undefined) throw internalError(`Gadget "${GADGET}" has no map "${TABLE}"`);
  const { rows } = await readTable(map, { sort: "count", fields: {} }, signal);
  const missed = object.missedRuns();
  return {
    rows: rows.map((one) => failedCalls(row.parse(one))),
    dropped: Number(object.droppedCount() ?? 0n),
    missedRuns: missed === null ? null : Number(missed),
  };
}

function failedCalls(one: z.output<typeof row>): FailedCalls {
  return {
    syscall: callName(one.syscall, one.compat !== 0),
    isCompat: one.compat !== 0,
    errno: -one.ret,
    count: Number(one.count),
    pid: one.pid,
    uid: one.uid,
    comm: one.comm,
    cgroupId: BigInt(one.cgroup_id),
    lastNs: BigInt(one.last_ns),
    sample: sampleOf(one),
  };
}

function callName(number: number, isCompat: boolean): string {
  const table = isCompat ? compatTables[Deno.build.arch] : Deno.build.arch;
  return (table && systemCallName(number, table)) ?? `syscall ${number}`;
}

function sampleOf(one: z.output<typeof row>): FailureSample {
  const { has_path, path, family, port, address, args } = one;
  const ip = family === AF_INET || family === AF_INET6 ? ipText(address) : null;
  return {
    ...(has_path === 0 ? {} : { path }),
    ...(ip === null ? {} : { address: `${ip.includes(":") ? `[${ip}]` : ip}:${port}`, port }),
    args: args.map(BigInt),
  };
}
