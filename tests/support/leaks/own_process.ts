// What the test's own process holds: descriptors, mappings, threads and child processes. Read
// through libc: a test may have given up the runtime's permissions.
import assert from "node:assert/strict";
import { readDirectory, readLink, readText } from "../../../ffi/file.ts";
import { processIds } from "../../../src/host/process_ids.ts";
import type { Holdings } from "./holdings.ts";

/** futex(2), and how it goes on after a signal: a thread of the runtime's pool waits for work. */
const WAITING = { x86_64: ["202", "219"], aarch64: ["98", "128"] }[Deno.build.arch];
/** The runtime's pool of threads for blocking work: it grows on demand and shrinks when idle. */
const POOL_THREAD = "tokio-runtime-w";
/** V8's own threads, whose number the runtime decides. */
const ENGINE_THREAD = "V8 DefaultWorke";
/** Databases that the runtime keeps open and mapped once it needed them. */
const RUNTIME_DATABASE = /_cache_v\d/;
const MOST_MAPS_BYTES = 64 << 20;
const BPF_IDS = ["prog_id", "map_id", "link_id", "btf_id"] as const;

/** Every open descriptor, by its number and what is behind it. */
export function descriptors(): Holdings {
  const found = new Map<string, string>();
  for (const fd of namesIn("/proc/self/fd")) {
    const target = readLink(`/proc/self/fd/${fd}`);
    if (target === null || isRuntimeFile(target)) continue;
    const ids = target.startsWith("anon_inode:") ? idsOf(Deno.pid, fd) : "";
    found.set(`fd ${fd} ${target}${ids}`, `${kindOf(target)} ${fd}: ${target}${ids}`);
  }
  return found;
}

/** The runtime opens itself, too, to name functions in its own errors. */
function isRuntimeFile(path: string): boolean {
  return RUNTIME_DATABASE.test(path) || path === readLink("/proc/self/exe");
}

/** `perf event` is a kind of its own; all others are descriptors. */
function kindOf(target: string): string {
  return target === "anon_inode:[perf_event]" ? "perf event at descriptor" : "descriptor";
}

function idsOf(pid: number, fd: string): string {
  const text = readText(`/proc/${pid}/fdinfo/${fd}`) ?? "";
  const pairs = BPF_IDS.flatMap((field) => {
    const [, id] = new RegExp(`^${field}:\\s*(\\d+)$`, "m").exec(text) ?? [];
    return id === undefined ? [] : `${field} ${id}`;
  });
  return pairs.length === 0 ? "" : ` (${pairs.join(", ")})`;
}

/**
 * Mappings that are shared with the kernel or with a file: maps, rings, perf events. The heap's own
 * come and go as the engine likes.
 */
export function mappings(): Holdings {
  const found = new Map<string, string>();
  const maps = readText("/proc/self/maps", MOST_MAPS_BYTES);
  assert.ok(maps !== null, "this process's mappings can be read");
  for (const line of maps.split("\n")) {
    const [, range, permissions = "", path = ""] = /^(\S+) (\S+) \S+ \S+ \S+ *(.*)$/.exec(line) ??
      [];
    const shared = permissions.endsWith("s") || path.startsWith("anon_inode:");
    if (range === undefined || !shared || isRuntimeFile(path)) continue;
    found.set(`mapping ${range} ${path}`, `mapping ${range} of ${path}`);
  }
  return found;
}

/** Threads that do something: the runtime's own that wait for work are left out. */
export function threads(): Holdings {
  const found = new Map<string, string>();
  for (const tid of namesIn("/proc/self/task")) {
    const comm = readText(`/proc/self/task/${tid}/comm`);
    if (comm === null || comm === ENGINE_THREAD) continue;
    const [call = "running"] = readText(`/proc/self/task/${tid}/syscall`)?.split(" ") ?? [];
    if (comm === POOL_THREAD && WAITING.includes(call)) continue;
    const doing = call === "running" ? call : `in system call ${call}`;
    found.set(`thread ${tid} ${comm}`, `thread ${tid} "${comm}" ${doing}`);
  }
  return found;
}

/** Child processes and theirs. */
export function children(): Holdings {
  return new Map(
    descendants().map(({ pid, comm }) => [`process ${pid}`, `process ${pid} "${comm}"`]),
  );
}

export interface Process {
  readonly pid: number;
  readonly comm: string;
}

/** This process's children, their children and so on. */
export function descendants(): Process[] {
  const byParent = new Map<number, Process[]>();
  for (const pid of processIds()) {
    const [, comm = "", parent] =
      /^\d+ \((.*)\) \S (\d+) /s.exec(readText(`/proc/${pid}/stat`) ?? "") ?? [];
    if (parent === undefined) continue;
    const siblings = byParent.get(Number(parent)) ?? [];
    byParent.set(Number(parent), [...siblings, { pid, comm }]);
  }
  const found: Process[] = [];
  const waiting = [Deno.pid];
  for (let pid = waiting.pop(); pid !== undefined; pid = waiting.pop()) {
    const below = byParent.get(pid) ?? [];
    found.push(...below);
    waiting.push(...below.map((process) => process.pid));
  }
  return found;
}

function namesIn(directory: string): string[] {
  const names = readDirectory(directory);
  assert.ok(typeof names !== "number", `errno ${names} for ${directory}`);
  return names;
}
