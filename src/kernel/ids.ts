// The kernel's ids of programs, maps, links and BTF: walking them, and opening an object by its id.
import { Fd } from "../../ffi/fd.ts";
import { libbpf, libc } from "../../ffi/library.ts";
import { fixedBytes } from "../../ffi/struct.ts";
import {
  type EBPFError,
  type ErrorCode,
  kernelError,
  permissionError,
  resourceError,
} from "../errors.ts";

/** The kinds of object that have ids. */
export const objectKinds = ["program", "map", "link", "btf"] as const;
export type ObjectKind = typeof objectKinds[number];

const EPERM = 1;
const ENOENT = 2;
/** A link that has its id, and is not attached yet. */
const EAGAIN = 11;
const EINVAL = 22;
/** Ids rise forever: a host that makes objects faster than we walk must not keep us. */
const MAX_STEPS = 1_000_000;

const notFound: Readonly<Record<ObjectKind, ErrorCode>> = {
  program: "program_not_found",
  map: "map_not_found",
  link: "link_not_found",
  btf: "btf_not_found",
};

/**
 * The ids of one kind that exist now, rising.
 *
 * @throws permission/not_permitted without CAP_SYS_ADMIN
 * @throws kernel/feature_missing where the kernel has no such ids
 * @since Linux 4.13 for programs and maps, 5.4 for BTF, 5.8 for links @see bpf(2)
 */
export function* walkIds(kind: ObjectKind): Generator<number> {
  const next = fixedBytes(4);
  const view = new DataView(next.buffer);
  for (let id = 0, steps = 0;; steps++) {
    const result = nextId(kind, id, next);
    if (result === -ENOENT) return;
    if (result < 0) throw walkError(kind, -result);
    if (steps === MAX_STEPS) {
      throw resourceError("limit_exceeded", `Cannot walk ${kind} ids: more than ${MAX_STEPS}`);
    }
    id = view.getUint32(0, true);
    yield id;
  }
}

/**
 * Every object of one kind, opened; what vanishes or is being made is left out. The descriptor is
 * closed when the caller asks for the next.
 *
 * @throws as walkIds, and as openById except for objects that are gone
 */
export function* walkObjects(kind: ObjectKind): Generator<{ id: number; fd: Fd }> {
  for (const id of walkIds(kind)) {
    const opened = tryOpen(kind, id);
    if (opened === -ENOENT || opened === -EAGAIN) continue;
    if (typeof opened === "number") throw openError(kind, id, -opened);
    using fd = opened;
    yield { id, fd };
  }
}

/**
 * The same for a thousand objects: no generator, no owner for each descriptor.
 *
 * @param visit is given a descriptor that is closed when it returns
 * @throws as walkObjects
 */
export function visitObjects(kind: ObjectKind, visit: (fd: number) => void): void {
  for (const id of walkIds(kind)) {
    const fd = fdById(kind, id);
    if (fd === -ENOENT || fd === -EAGAIN) continue;
    if (fd < 0) throw openError(kind, id, -fd);
    try {
      visit(fd);
    } finally {
      libc().close(fd);
    }
  }
}

/**
 * Opens one object for the caller to own.
 *
 * @throws resource/program_not_found, map_not_found, link_not_found, btf_not_found
 * @throws permission/not_permitted without CAP_SYS_ADMIN
 * @since Linux 4.13 for programs and maps, 4.18 for BTF, 5.8 for links @see bpf(2)
 */
export function openById(kind: ObjectKind, id: number): Fd {
  const opened = tryOpen(kind, id);
  if (typeof opened === "number") throw openError(kind, id, -opened);
  return opened;
}

/** A descriptor, or -errno. */
function tryOpen(kind: ObjectKind, id: number): Fd | number {
  const fd = fdById(kind, id);
  return fd < 0 ? fd : new Fd(fd);
}

function nextId(kind: ObjectKind, id: number, next: Uint8Array<ArrayBuffer>): number {
  switch (kind) {
    case "program":
      return libbpf().bpf_prog_get_next_id(id, next);
    case "map":
      return libbpf().bpf_map_get_next_id(id, next);
    case "link":
      return libbpf().bpf_link_get_next_id(id, next);
    case "btf":
      return libbpf().bpf_btf_get_next_id(id, next);
  }
}

function fdById(kind: ObjectKind, id: number): number {
  switch (kind) {
    case "program":
      return libbpf().bpf_prog_get_fd_by_id(id);
    case "map":
      return libbpf().bpf_map_get_fd_by_id(id);
    case "link":
      return libbpf().bpf_link_get_fd_by_id(id);
    case "btf":
      return libbpf().bpf_btf_get_fd_by_id(id);
  }
}

function walkError(kind: ObjectKind, errno: number): EBPFError {
  if (errno === EPERM) return needsAdmin(`Cannot list ${kind} ids`, errno);
  const code = errno === EINVAL ? "feature_missing" : "object_info_failed";
  return kernelError(code, `Cannot list ${kind} ids`, errno, { kind });
}

function openError(kind: ObjectKind, id: number, errno: number): EBPFError {
  const message = `Cannot open ${kind} ${id}`;
  if (errno === EPERM) return needsAdmin(message, errno);
  if (errno !== ENOENT) return kernelError("object_info_failed", message, errno, { kind, id });
  return resourceError(notFound[kind], `${message}: no ${kind} has this id`, {
    errno,
    errno_name: "ENOENT",
    kind,
    id,
    hint: `inspect_state lists the ${kind === "btf" ? "BTF objects" : `${kind}s`} that exist`,
  });
}

function needsAdmin(message: string, errno: number): EBPFError {
  return permissionError("not_permitted", `${message}: EPERM`, {
    errno,
    errno_name: "EPERM",
    hint: "walking and opening objects by id needs CAP_SYS_ADMIN in the initial user namespace",
  });
}
