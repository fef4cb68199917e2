// What surrounds this process and decides what BPF can do in it: the kernel's configuration,
// namespaces, filters, and which of the kernel's own files it may read.
import { readLink, readStart, readText, statPath } from "../../ffi/file.ts";
import { type Residence, residenceOfProcess } from "./containers.ts";
import { type FileCapabilities, readFileCapabilities } from "./file_capabilities.ts";
import { type KernelConfig, type NoKernelConfig, readKernelConfig } from "./kernel_config.ts";
import { parseRelease } from "./kernel_release.ts";
import { type Places, readPlaces } from "./namespaces.ts";
import { type SystemCallAccess, trySystemCalls } from "./system_call_access.ts";
import { readMounts } from "./mounts.ts";

export interface Standing {
  readonly config: KernelConfig | NoKernelConfig;
  readonly places: Places;
  readonly container: ContainerSigns;
  /** Path of this executable; null when it cannot be told. */
  readonly executable: string | null;
  /** Null when it has none; a positive errno when it cannot be told. */
  readonly fileCapabilities: FileCapabilities | number | null;
  readonly filters: Filters;
  readonly systemCalls: SystemCallAccess;
  /** What of the tracing file system this process may read: 0, or a positive errno. */
  readonly tracefs: { readonly path: string; readonly events: number } | null;
  readonly kernelSymbols: KernelSymbols;
  readonly controlGroups: ControlGroups;
  /** A perf event source of the kernel per kind of dynamic probe; true when it is there. */
  readonly probes: { readonly kprobe: boolean; readonly uprobe: boolean };
}

export interface ContainerSigns {
  /** What the path of our control group tells; empty behind a namespace of control groups. */
  readonly residence: Residence;
  /** The file that a runtime leaves at the root of its containers. */
  readonly marker: string | null;
}

/** Seccomp filters. Null where the status file does not tell. */
export interface Filters {
  readonly own: string | null;
  /** Of the process that started us: what it has, we have too. */
  readonly parent: string | null;
}

/** `addresses`: shown; `hidden`: every one reads as 0; `unreadable`: the file is not there. */
export type KernelSymbols = "addresses" | "hidden" | "unreadable";

export interface ControlGroups {
  readonly version: "1" | "2" | "1 and 2" | null;
  /** Our own path in version 2; null without one. */
  readonly path: string | null;
}

const START_BYTES = 4096;
const containerMarkers = ["/.dockerenv", "/run/.containerenv"];

export class Surroundings {
  /** Reads everything anew. @param release the running kernel's */
  async read(release: string): Promise<Standing> {
    const groups = readText("/proc/self/cgroup") ?? "";
    return {
      config: await readKernelConfig(release),
      places: readPlaces(parseRelease(release)),
      container: {
        residence: residenceOfProcess(groups),
        marker: containerMarkers.find((path) => typeof statPath(path) !== "number") ?? null,
      },
      executable: readLink("/proc/self/exe"),
      fileCapabilities: readFileCapabilities(),
      filters: readFilters(),
      systemCalls: trySystemCalls(),
      tracefs: readTracefs(),
      kernelSymbols: readKernelSymbols(),
      controlGroups: parseControlGroups(groups),
      probes: { kprobe: hasSource("kprobe"), uprobe: hasSource("uprobe") },
    };
  }
}

const seccompModes = ["none", "strict", "filter"] as const;

function readFilters(): Filters {
  const status = readText("/proc/self/status") ?? "";
  const parent = /^PPid:\t(\d+)$/m.exec(status)?.[1];
  return {
    own: seccompOf(status),
    parent: parent === undefined ? null : seccompOf(readText(`/proc/${parent}/status`) ?? ""),
  };
}

/** The seccomp mode in a status file; null when it has none. */
export function seccompOf(status: string): string | null {
  return seccompModes[Number(/^Seccomp:\t(\d)$/m.exec(status)?.[1] ?? NaN)] ?? null;
}

function readTracefs(): Standing["tracefs"] {
  const mounts = readMounts();
  const path = mounts.find(({ type }) => type === "tracefs")?.path;
  if (path === undefined) return null;
  const start = readStart(`${path}/available_events`, START_BYTES);
  return { path, events: typeof start === "number" ? start : 0 };
}

function readKernelSymbols(): KernelSymbols {
  const start = readStart("/proc/kallsyms", START_BYTES);
  if (typeof start === "number" || start.length === 0) return "unreadable";
  return showsAddresses(new TextDecoder().decode(start)) ? "addresses" : "hidden";
}

/** Whether a list of symbols has an address that is not 0. */
export function showsAddresses(symbols: string): boolean {
  return /^(?!0+ )[0-9a-f]+ /m.test(symbols);
}

/** @see cgroups(7) */
export function parseControlGroups(text: string): ControlGroups {
  const lines = text.split("\n");
  const unified = lines.find((line) => line.startsWith("0::"));
  const hasOthers = lines.some((line) => /^[1-9]\d*:/.test(line));
  const path = unified?.slice("0::".length) ?? null;
  if (unified === undefined) return { version: hasOthers ? "1" : null, path };
  return { version: hasOthers ? "1 and 2" : "2", path };
}

function hasSource(name: string): boolean {
  return readText(`/sys/bus/event_source/devices/${name}/type`) !== null;
}
