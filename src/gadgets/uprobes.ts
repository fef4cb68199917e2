// Which functions of which file a gadget's programs are attached to.
import { readLink, statPath } from "../../ffi/file.ts";
import { type FunctionOffsets, functionOffsets } from "../elf/function_offsets.ts";
import { resourceError, validationError } from "../errors.ts";
import { type CodeMapping, MappedFile, readCodeMappings } from "../host/process_maps.ts";
import { openChecked } from "../kernel/attach/open_checked.ts";
import type { UprobeSpec } from "../kernel/attach/spec.ts";
import { visibleLine } from "../view/text.ts";
import type { GadgetManifest } from "./manifest.ts";

type UprobeAttach = Extract<NonNullable<GadgetManifest["attach"]>, { type: "uprobe" }>;

export interface UprobeRequest {
  /** The gadget's name. */
  readonly name: string;
  readonly attach: UprobeAttach;
  readonly parameters: GadgetManifest["parameters"];
  /** The `.rodata` variables that a run sets. */
  readonly globals: Readonly<Record<string, unknown>>;
}

export interface Uprobe {
  readonly program: string;
  readonly spec: UprobeSpec;
}

/** A file with what a gadget needs. */
interface ProbeFile {
  readonly path: string;
  readonly offsets: FunctionOffsets["offsets"];
}

/**
 * What a process loses at a uprobe besides the program, at the least: measured were 840 ns, half at
 * the entry of malloc() and half at its return, where the program took 640.
 */
export const UPROBE_STOP_NS = 500n;

/** Of the filter `pid`, as every gadget that has it calls its variable. */
const PID_VARIABLE = "target_pid";
const MOST_FILES = 32;

/**
 * @throws validation/invalid_arguments, not_a_regular_file or resource/file_not_found for a file
 *   that is not there or has no such functions; resource/process_not_found
 */
export function uprobesOf(request: UprobeRequest): Uprobe[] {
  const { attach, globals } = request;
  const pid = numberOf(globals[PID_VARIABLE]);
  const { path, offsets } = findFile(request, pid);
  const seen = new Set<string>();
  return attach.probes.flatMap(({ program, on, functions }) => {
    const symbols = functions.filter((symbol) => {
      const place = `${on} ${offsets.get(symbol)}`;
      if (!offsets.has(symbol) || seen.has(place)) return false;
      seen.add(place);
      return true;
    });
    const type = on === "entry" ? "uprobe" : "uretprobe";
    return symbols.map((symbol) => {
      return { program, spec: { type, path, symbol, ...(pid === null ? {} : { pid }) } };
    });
  });
}

function findFile(request: UprobeRequest, pid: number | null): ProbeFile {
  const { attach, parameters, globals, name } = request;
  const parameter = parameters.find((one) => one.name === attach.path);
  const given = parameter === undefined ? undefined : globals[parameter.variable];
  if (typeof given === "string" && given !== "") return named(attach, given);
  if (pid !== null) return mapped(attach, pid);
  if (attach.known.length > 0) return known(attach);
  throw validationError(
    "invalid_arguments",
    `Gadget "${name}" has neither pid nor ${attach.path}, wanted one of them`,
    { gadget: name, hint: `pid: a process; ${attach.path}: a program or a library` },
  );
}

/** The file that the caller named. */
function named(attach: UprobeAttach, path: string): ProbeFile {
  const subject = `"${visibleLine(path)}"`;
  if (!path.startsWith("/")) {
    const hint = hintOf(attach);
    throw validationError("invalid_arguments", `${subject} is no absolute path`, { path, hint });
  }
  const found = lookUp(attach, path);
  if (found === null) {
    throw validationError("invalid_arguments", `${subject} is no program or library of 64 bits`, {
      path,
      hint: hintOf(attach),
    });
  }
  if (hasAll(attach, found)) return { path, offsets: found.offsets };
  const missing = attach.requires.filter((one) => !found.offsets.has(one));
  throw validationError(
    "invalid_arguments",
    `${subject} has no function ${missing.map(quoted).join(" or ")}`,
    {
      path,
      missing_functions: missing,
      symbols: found.symbols,
      hint: hintOf(attach),
    },
  );
}

/** The first of the places of the manifest that has it. */
function known(attach: UprobeAttach): ProbeFile {
  for (const path of attach.known) {
    if (typeof statPath(path) === "number") continue;
    const found = lookUp(attach, path);
    if (found !== null && hasAll(attach, found)) return { path, offsets: found.offsets };
  }
  const message = `None of ${attach.known.join(", ")} has the function ${all(attach.requires)}`;
  throw resourceError("file_not_found", message, { paths: attach.known, hint: hintOf(attach) });
}

/** Among the files that the process runs code of. */
function mapped(attach: UprobeAttach, pid: number): ProbeFile {
  const mappings = readCodeMappings(pid);
  if (mappings === null) {
    throw resourceError("process_not_found", `Process ${pid} is gone, or is one of the kernel`, {
      pid,
      hint: `give the pid of a process that runs, or ${attach.path}`,
    });
  }
  const program = readLink(`/proc/${pid}/exe`);
  const files = inLoaderOrder(mappings, program ?? "");
  for (const mapping of files) {
    using file = MappedFile.open(pid, mapping);
    const found = file === null
      ? null
      : functionOffsets((offset, length) => file.readAt(offset, length), functionsOf(attach));
    if (found === null || !hasAll(attach, found)) continue;
    return { path: pathOf(pid, mapping), offsets: found.offsets };
  }
  const wanted = all(attach.requires);
  const message = `No file that process ${pid} runs code of has the function ${wanted}`;
  throw validationError("invalid_arguments", message, {
    pid,
    files: files.slice(0, MOST_FILES).map(({ path }) => visibleLine(path)),
    hint: hintOf(attach),
  });
}

/** Each file once: first the program, then what may be loaded in the C library's place, then it. */
function inLoaderOrder(mappings: readonly CodeMapping[], program: string): CodeMapping[] {
  const files = new Map(mappings.map((one) => [one.file, one]));
  const rank = ({ path }: CodeMapping) => path === program ? 0 : isLibc(path) ? 2 : 1;
  return [...files.values()]
    .filter(({ file, path }) => !file.endsWith(" 0") && !isLoader(path))
    .sort((one, other) => rank(one) - rank(other));
}

function isLibc(path: string): boolean {
  return /\/(libc[.-]|ld-musl-)[^/]*$/.test(path);
}

/** glibc's, which until 2.35 had a malloc of its own, for its own start. */
function isLoader(path: string): boolean {
  return /\/ld-(linux|2\.)[^/]*$/.test(path);
}

/** As the process has it, whatever its root folder is; by its mapping when it was replaced. */
function pathOf(pid: number, { path, file, start, end }: CodeMapping): string {
  const inside = `/proc/${pid}/root${path}`;
  const status = statPath(inside);
  const isSame = typeof status !== "number" && file.endsWith(` ${status.inode}`);
  return isSame ? inside : `/proc/${pid}/map_files/${start.toString(16)}-${end.toString(16)}`;
}

function lookUp(attach: UprobeAttach, path: string): FunctionOffsets | null {
  using file = MappedFile.of(openChecked(path, "regular"));
  return functionOffsets((offset, length) => file.readAt(offset, length), functionsOf(attach));
}

function functionsOf({ requires, probes }: UprobeAttach): string[] {
  return [...new Set([...requires, ...probes.flatMap(({ functions }) => functions)])];
}

function hasAll({ requires }: UprobeAttach, { offsets }: FunctionOffsets): boolean {
  return requires.every((one) => offsets.has(one));
}

function all(names: readonly string[]): string {
  return names.map(quoted).join(" and ");
}

function quoted(name: string): string {
  return `"${name}"`;
}

function hintOf({ path, requires }: UprobeAttach): string {
  return [
    `give ${path}: the file with ${all(requires)} among its symbols (\`nm -D FILE\`, \`nm FILE\`);`,
    "a program that is linked dynamically has them in a library (`ldd FILE`),",
    "one that is linked statically and stripped has lost the names",
  ].join(" ");
}

function numberOf(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}
