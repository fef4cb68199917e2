// The operator's own gadgets: DIR/NAME/{NAME.bpf.o, manifest.json}. They are checked as the build
// checks ours. One that does not fit is listed with the reason, and keeps nobody from anything.
import type { Fd } from "../../ffi/fd.ts";
import { open_flags, openBeneath, openFile, readEntries, readFd, statFd } from "../../ffi/file.ts";
import { errnoName } from "../errno.ts";
import { EBPFError, kernelError, validationError } from "../errors.ts";
import type { Slices } from "../slices.ts";
import { visibleLine } from "../view/text.ts";
import { filterParameters, groupParameters } from "./common_filters.ts";
import { describeObject } from "./describe_object.ts";
import { type GadgetManifest, gadgetManifestSchema } from "./manifest.ts";
import type { Gadget } from "./skeleton.ts";

/** A gadget that is there and cannot run. */
export interface BrokenGadget {
  readonly name: string;
  readonly reason: string;
}

/** What a look at the folder found. */
export interface OperatorList {
  readonly gadgets: readonly Gadget[];
  readonly broken: readonly BrokenGadget[];
  /** Why the folder, or the rest of it, was not looked at; null when all was. */
  readonly problem: string | null;
}

export const operator_limits = {
  gadgets: 256,
  manifestBytes: 64 << 10,
  objectBytes: 16 << 20,
} as const;

const NAME = /^[a-z][a-z0-9_]{0,31}$/;
const MANIFEST = "manifest.json";
const ENOENT = 2;
const ENOTDIR = 20;
const EFBIG = 27;
const MOST_ISSUES = 5;

export class OperatorGadgets {
  readonly #folder: string;
  readonly #known = new Map<string, Known>();

  /** @param folder absolute; what is in it is read anew once its files were changed */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Names of what may be gadgets; empty where the folder cannot be read. */
  names(): readonly string[] {
    const names = this.#names();
    return typeof names === "number" ? [] : names;
  }

  /** Every gadget of the folder, by name. */
  *list(): Slices<OperatorList> {
    const names = this.#names();
    if (typeof names === "number") {
      const problem = `"${visibleLine(this.#folder)}" cannot be read: ${errnoName(names)}`;
      return { gadgets: [], broken: [], problem };
    }
    const gadgets: Gadget[] = [];
    const broken: BrokenGadget[] = [];
    for (const name of names.slice(0, operator_limits.gadgets)) {
      try {
        const gadget = this.find(name);
        if (gadget !== null) gadgets.push(gadget);
      } catch (error) {
        if (!(error instanceof EBPFError)) throw error;
        broken.push({ name, reason: visibleLine(error.message) });
      }
      yield;
    }
    const rest = names.length - operator_limits.gadgets;
    const problem = rest > 0 ? `${rest} more folders are not looked at` : null;
    return { gadgets, broken, problem };
  }

  /**
   * The gadget of this name; null when there is no such folder.
   * @throws validation/invalid_gadget, invalid_elf, invalid_btf, file_too_large,
   *   not_a_regular_file; resource/file_not_found; permission/path_not_allowed for links that lead
   *   out of the folder
   */
  find(name: string): Gadget | null {
    if (!NAME.test(name)) return null;
    using folder = this.#open();
    if (folder === null) return null;
    const entry = openBeneath(folder, name, open_flags.O_PATH);
    if (entry === ENOENT || entry === ENOTDIR) return null;
    if (typeof entry !== "number") {
      using owned = entry;
      const status = statFd(owned);
      if (typeof status !== "number" && status.kind !== "directory") return null;
    }
    const text = new TextDecoder().decode(
      readBeneath(folder, `${name}/${MANIFEST}`, operator_limits.manifestBytes),
    );
    const stamp = `${stampBeneath(folder, objectOf(name))} ${text}`;
    let known = this.#known.get(name);
    if (known?.stamp !== stamp) {
      known = { stamp, found: this.#read(folder, name, text) };
      this.#known.set(name, known);
    }
    if (known.found instanceof EBPFError) throw known.found;
    return known.found;
  }

  /** One that does not fit is remembered as well: it may be large. */
  #read(folder: Fd, name: string, text: string): Gadget | EBPFError {
    try {
      return describeObject(name, parseManifest(name, text), this.#object(folder, name));
    } catch (error) {
      if (error instanceof EBPFError) return error;
      throw error;
    }
  }

  /**
   * The object as it is now.
   * @throws as `find`; when it was changed so that it no longer fits the manifest, too
   */
  bytes({ name, manifest }: Gadget): Uint8Array<ArrayBuffer> {
    using folder = this.#open();
    if (folder === null) throw missingFile(`${this.#folder}/${name}`);
    const bytes = this.#object(folder, name);
    describeObject(name, manifest, bytes);
    return bytes;
  }

  #object(folder: Fd, name: string): Uint8Array<ArrayBuffer> {
    return readBeneath(folder, objectOf(name), operator_limits.objectBytes);
  }

  #names(): string[] | number {
    const opened = openFile(this.#folder, open_flags.O_RDONLY);
    if (typeof opened === "number") return opened;
    using folder = opened;
    const names = readEntries(folder);
    return typeof names === "number" ? names : names.filter((name) => NAME.test(name)).sort();
  }

  #open(): Fd | null {
    const folder = openFile(this.#folder, open_flags.O_PATH);
    return typeof folder === "number" ? null : folder;
  }
}

/** What was found when the files were as the stamp says. */
interface Known {
  readonly stamp: string;
  readonly found: Gadget | EBPFError;
}

function objectOf(name: string): string {
  return `${name}/${name}.bpf.o`;
}

/** Another one when another file lies at the path, or one of another size. */
function stampBeneath(folder: Fd, path: string): string {
  const opened = openBeneath(folder, path, open_flags.O_PATH);
  if (typeof opened === "number") return errnoName(opened);
  using file = opened;
  const status = statFd(file);
  return typeof status === "number" ? errnoName(status) : `${status.inode} ${status.size}`;
}

/** Opened without effect first, as opening a FIFO or a device can do something already. */
function readBeneath(folder: Fd, path: string, most: number): Uint8Array<ArrayBuffer> {
  const opened = openBeneath(folder, path, open_flags.O_PATH);
  if (typeof opened === "number") throw openError(path, opened);
  using file = opened;
  const status = statFd(file);
  if (typeof status === "number") throw openError(path, status);
  if (status.kind !== "regular") {
    const message = `"${path}" is a ${status.kind}, wanted a file`;
    throw validationError("not_a_regular_file", message, { path, kind: status.kind });
  }
  if (status.size > most) throw tooLarge(path, status.size, most);
  const readable = openFile(`/proc/self/fd/${file.number}`, open_flags.O_RDONLY);
  if (typeof readable === "number") throw openError(path, readable);
  using owned = readable;
  const bytes = readFd(owned, most, status.size);
  if (typeof bytes !== "number") return bytes;
  throw bytes === EFBIG ? tooLarge(path, most + 1, most) : openError(path, bytes);
}

function tooLarge(path: string, size: number, most: number): Error {
  const message = `"${path}" has ${size} bytes, wanted at most ${most}`;
  return validationError("file_too_large", message, { path });
}

function missingFile(path: string): Error {
  return kernelError("file_not_found", `Cannot find "${path}"`, ENOENT, { path });
}

function openError(path: string, failure: number): Error {
  if (failure === ENOENT || failure === ENOTDIR) return missingFile(path);
  return kernelError("file_read_failed", `Cannot read "${path}"`, failure, {
    path,
    hint: "EXDEV and ELOOP: a link leads out of the operator's folder",
  });
}

/** @throws validation/invalid_gadget with the first places that are wrong */
function parseManifest(name: string, text: string): GadgetManifest {
  const refuse = (problems: readonly string[]) =>
    validationError(
      "invalid_gadget",
      `gadget "${name}": ${MANIFEST} is not right: ${problems.join("; ")}`,
      { gadget: name, problems },
    );
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw refuse([error instanceof Error ? error.message : String(error)]);
  }
  const parsed = gadgetManifestSchema().safeParse(json);
  if (parsed.success) {
    const twice = namedTwice(parsed.data);
    if (twice.length === 0) return parsed.data;
    throw refuse(twice.map((one) => `parameters: two are named "${one}"`));
  }
  throw refuse(
    parsed.error.issues.slice(0, MOST_ISSUES).map(({ path, message }) => {
      return `${path.map(String).join(".") || "the whole"}: ${message}`;
    }),
  );
}

/** Names of parameters that would stand for another, of its own or of its filters. */
function namedTwice({ filters, parameters }: GadgetManifest): string[] {
  const groups = filters.includes("cgroup") ? groupParameters : [];
  const names = [...filterParameters(filters), ...groups, ...parameters].map(({ name }) => name);
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}
