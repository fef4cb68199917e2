// Where an object's bytes come from: a file below an allowed folder, the request itself, a gadget.
import type { Fd } from "../../ffi/fd.ts";
import { open_flags, openBeneath, openFile, readFd, statFd } from "../../ffi/file.ts";
import { fixedBytes } from "../../ffi/struct.ts";
import { EBPFError, kernelError, permissionError, validationError } from "../errors.ts";
import type { Catalogue } from "../gadgets/catalogue.ts";
import { candidatePaths } from "../policy/object_paths.ts";
import { object_limits } from "./limits.ts";

export type ObjectSource =
  | { type: "file"; path: string }
  | { type: "data"; blob: string }
  | { type: "gadget"; name: string };

export interface SourceServices {
  /** Absolute folders that object files may lie in. */
  objectRoots: readonly string[];
  gadgets: Catalogue;
}

const ENOENT = 2;
const EXDEV = 18;
const ENOTDIR = 20;
const EFBIG = 27;
const ELOOP = 40;

/** Twice what `object_limits.blobBytes` take in base64: a blob over the limit is told its size. */
export const BLOB_CHARACTERS = Math.ceil(object_limits.blobBytes / 3) * 8;

/**
 * @throws file_not_found, path_not_allowed, not_a_regular_file, file_too_large, blob_too_large,
 * invalid_base64, unknown_gadget
 */
export function readSource(
  source: ObjectSource,
  services: SourceServices,
): Uint8Array<ArrayBuffer> {
  switch (source.type) {
    case "file":
      return readObjectFile(source.path, services.objectRoots);
    case "data":
      return decodeBlob(source.blob);
    case "gadget":
      return services.gadgets.bytes(services.gadgets.get(source.name));
  }
}

/** A short name for messages and for the object's internal maps: a file's as libbpf takes it. */
export function sourceName(source: ObjectSource): string {
  switch (source.type) {
    case "file":
      return /[^/.][^/]*$/.exec(source.path)?.[0].replace(/\..*$/, "") ?? source.path;
    case "data":
      return "blob";
    case "gadget":
      return source.name;
  }
}

function decodeBlob(blob: string): Uint8Array<ArrayBuffer> {
  const { blobBytes } = object_limits;
  let bytes: Uint8Array;
  try {
    bytes = Uint8Array.fromBase64(blob);
  } catch {
    throw validationError("invalid_base64", "Cannot decode source.blob: it is not base64", {
      hint: "standard alphabet, padding allowed, no line breaks needed",
    });
  }
  if (bytes.length > blobBytes) {
    const message = `source.blob has ${bytes.length} bytes, wanted at most ${blobBytes}`;
    throw validationError("blob_too_large", message, {
      hint: "write it to a file below an allowed folder and load it with source.type file",
    });
  }
  const fixed = fixedBytes(bytes.length);
  fixed.set(bytes);
  return fixed;
}

/** Reads a file below one of the roots; the kernel holds links and `..` to them. */
export function readObjectFile(
  path: string,
  roots: readonly string[],
): Uint8Array<ArrayBuffer> {
  const candidates = candidatePaths(roots, path);
  let refused: EBPFError | null = null;
  for (const { root, relative } of candidates) {
    const opened = openIn(root, relative);
    if (typeof opened !== "number") {
      using fd = opened;
      return readRegular(fd, path);
    }
    refused = openError(path, opened, roots);
    if (opened !== ENOENT && opened !== ENOTDIR) break;
  }
  throw refused ?? openError(path, ENOENT, roots);
}

/** Opened without effect first: opening a device or a FIFO can already do something. */
function openIn(root: string, relative: string): Fd | number {
  const folder = openFile(root, open_flags.O_PATH);
  if (typeof folder === "number") return folder;
  using owned = folder;
  return openBeneath(owned, relative, open_flags.O_PATH);
}

function readRegular(path_fd: Fd, path: string): Uint8Array<ArrayBuffer> {
  const status = statFd(path_fd);
  if (typeof status === "number") throw readError(path, status);
  if (status.kind !== "regular") {
    throw validationError("not_a_regular_file", `"${path}" is a ${status.kind}, wanted a file`, {
      path,
      kind: status.kind,
    });
  }
  const { fileBytes } = object_limits;
  if (status.size > fileBytes) throw tooLarge(path, status.size);
  const opened = openFile(`/proc/self/fd/${path_fd.number}`, open_flags.O_RDONLY);
  if (typeof opened === "number") throw readError(path, opened);
  using fd = opened;
  const bytes = readFd(fd, fileBytes, status.size);
  if (typeof bytes !== "number") return bytes;
  throw bytes === EFBIG ? tooLarge(path, fileBytes + 1) : readError(path, bytes);
}

function tooLarge(path: string, size: number): EBPFError {
  const message = `"${path}" has ${size} bytes, wanted at most ${object_limits.fileBytes}`;
  return validationError("file_too_large", message, {
    path,
    hint: "strip its DWARF: llvm-strip -g keeps BTF",
  });
}

function readError(path: string, failure: number): EBPFError {
  return kernelError("file_read_failed", `Cannot read "${path}"`, failure, { path });
}

function openError(path: string, failure: number, roots: readonly string[]): EBPFError {
  if (failure === ENOENT || failure === ENOTDIR) {
    return new EBPFError("resource", "file_not_found", `No file "${path}" in an allowed folder`, {
      path,
      errno: failure,
      errno_name: failure === ENOENT ? "ENOENT" : "ENOTDIR",
      objects: roots,
      hint: "give a path below one of context.objects; the operator adds folders with --objects",
    });
  }
  if (failure === EXDEV || failure === ELOOP) {
    return permissionError("path_not_allowed", `"${path}" leads out of the allowed folders`, {
      path,
      errno: failure,
      errno_name: failure === EXDEV ? "EXDEV" : "ELOOP",
      objects: roots,
      hint: "no link may lead out of its folder; the operator adds folders with --objects",
    });
  }
  return readError(path, failure);
}
