// From a request to an object that the session owns.
import { Btf } from "../btf/btf.ts";
import { reducedBtf } from "../btf/reduced_btf.ts";
import { validationError } from "../errors.ts";
import { callOf } from "../insn/call.ts";
import { instructions } from "../insn/instruction.ts";
import { setGlobals } from "../kernel/globals.ts";
import { setMapSizes } from "../kernel/map_sizes.ts";
import type { BpfObject } from "../kernel/object.ts";
import { withMemoryFile } from "../kernel/memory_file.ts";
import {
  checkConstraints,
  type Constraints,
  type KernelFunctions,
  kfuncKey,
  type ProgramImage,
  violationError,
} from "../policy/constraints.ts";
import { nearestFirst } from "../view/nearest.ts";
import { requireChecksum } from "./checksum.ts";
import { LoadedObject } from "./loaded_object.ts";
import { type ObjectSource, readObjectFile, readSource, sourceName } from "./object_source.ts";
import type { Session } from "./session.ts";
import { type Relocatable, requireSound } from "./sound_object.ts";

export interface LoadRequest {
  source: ObjectSource;
  /** Prefix of internal map names; from the source when absent. */
  name?: string;
  /** `sha256:` and 64 hexadecimal digits. */
  checksum?: string;
  /** Names of the programs to load; every one that loads by itself when absent. */
  programs?: readonly string[];
  /** BTF of the target kernel, instead of /sys/kernel/btf/vmlinux. */
  btf?: { path: string } | { blob: string };
  globals?: Readonly<Record<string, unknown>>;
  /** Elements of maps by name, instead of what the object says. */
  map_sizes?: Readonly<Record<string, number>>;
  constraints?: Constraints;
  signal: AbortSignal;
}

const MOST_NAMES = 50;

/**
 * Loads an object into the kernel; the session owns it under its `objectId`.
 * @throws what object_source, checksum, ElfFile, Btf and Loader throw, constraint_violated,
 * unknown_program, unknown_global, unknown_map, limit_exceeded, cancelled
 */
export async function loadObject(session: Session, request: LoadRequest): Promise<LoadedObject> {
  session.objects.requireRoom();
  const bytes = readSource(request.source, session.services);
  if (request.checksum !== undefined) await requireChecksum(bytes, request.checksum);
  const name = request.name ?? sourceName(request.source);
  const relocatable = requireSound(bytes, name);
  const btf = request.btf === undefined ? null : readBtfSource(request.btf, session);
  if (btf !== null) Btf.parse(btf); // libbpf reads it only where the object asks for it
  request.signal.throwIfAborted();
  const objectId = session.objects.nextId();
  let clearedPinPaths: string[] = [];
  const reduced = btf === null && relocatable !== null ? reduce(relocatable, session) : null;
  const { object, logs } = await withMemoryFile(
    btf ?? reduced,
    (path) =>
      session.services.loader.load({
        bytes,
        name,
        ...(path === null ? {} : { [reduced === null ? "btfPath" : "reducedBtfPath"]: path }),
        prepare(object) {
          clearedPinPaths = clearPinPaths(object);
          prepare(object, request);
        },
        judge: (object) => judge(object, request.constraints, session),
      }, (text) => session.verifierLogs.add({ objectId, program: null, accepted: false, text })),
  );
  using owned = new DisposableStack();
  owned.use(object);
  request.signal.throwIfAborted(); // a load in progress finishes, and then releases
  const loaded = new LoadedObject(objectId, object, clearedPinPaths);
  for (const log of logs) session.verifierLogs.add({ objectId, accepted: true, ...log });
  owned.move();
  await session.objects.add(objectId, loaded);
  return loaded;
}

/**
 * The kernel's types that it names; null to let libbpf read all of them, or say that it cannot:
 * what may be loaded does not depend on how.
 */
function reduce({ btf, relocations }: Relocatable, { services }: Session) {
  const kernel = services.kernelBtf.readable();
  return kernel === null || !services.kernelBtf.isFile
    ? null
    : reducedBtf(btf, relocations, kernel);
}

function readBtfSource(btf: { path: string } | { blob: string }, session: Session) {
  if ("path" in btf) return readObjectFile(btf.path, session.services.objectRoots);
  return readSource({ type: "data", blob: btf.blob }, session.services);
}

/** What LIBBPF_PIN_BY_NAME asks for would stay behind, or share a map that others pinned. */
function clearPinPaths(object: BpfObject): string[] {
  const pinned = object.maps.filter((map) => map.pinPath !== "");
  return pinned.map((map) => {
    const { pinPath } = map;
    map.clearPinPath();
    return pinPath;
  });
}

function prepare(object: BpfObject, { programs, globals, map_sizes }: LoadRequest): void {
  if (programs !== undefined) selectPrograms(object, programs);
  setGlobals(object, globals ?? {});
  setMapSizes(object, map_sizes ?? {});
}

/** Leaves out every program that is not named, and takes in those that are only loaded by name. */
function selectPrograms(object: BpfObject, names: readonly string[]): void {
  const known = object.programs.map((program) => program.name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const message = `Object "${object.name}" has no program "${unknown}"`;
    throw validationError("unknown_program", message, {
      programs: nearestFirst(unknown, known, MOST_NAMES),
      total: known.length,
    });
  }
  for (const program of object.programs) {
    if (names.includes(program.name)) program.include();
    else program.exclude();
  }
}

/** Holds the constraints against the instructions that the kernel was given, subprograms too. */
function judge(object: BpfObject, constraints: Constraints | undefined, session: Session): void {
  if (constraints === undefined) return;
  const images = object.programs
    .filter((program) => program.autoload)
    .map((program) => ({ name: program.name, instructions: program.instructions() }));
  const violations = checkConstraints(images, constraints, kernelFunctions(images, session));
  if (violations.length > 0) throw violationError(violations);
}

/** Names of the helpers, and of the kernel functions that these images call. */
function kernelFunctions(
  images: readonly ProgramImage[],
  session: Session,
): KernelFunctions {
  const kfuncs = new Map<number, string>();
  const btf = session.services.kernelBtf.get();
  for (const { instructions: image } of images) {
    for (const instruction of instructions(image)) {
      const call = callOf(instruction);
      // a module's function stays without a name, and is refused
      if (call?.kind !== "kfunc" || call.module !== 0 || btf === null) continue;
      if (call.id < btf.typeCount && btf.kind(call.id) === "func") {
        kfuncs.set(kfuncKey(call.id, call.module), btf.name(call.id));
      }
    }
  }
  return { helpers: session.services.kernelNames.helpers(), kfuncs };
}
