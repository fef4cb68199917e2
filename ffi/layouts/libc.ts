// Structs of libc calls.
import type { StructLayout } from "../struct.ts";

export const statx = {
  name: "statx",
  header: "sys/stat.h",
  size: 256,
  fields: {
    stx_mask: [0, 4],
    stx_nlink: [16, 4],
    stx_mode: [28, 2],
    stx_ino: [32, 8],
    stx_size: [40, 8],
    stx_dev_major: [136, 4],
    stx_dev_minor: [140, 4],
  },
} as const satisfies StructLayout;

export const dirent64 = {
  name: "dirent64",
  header: "dirent.h",
  size: 280,
  fields: {
    d_reclen: [16, 2],
    d_name: [19, 256],
  },
} as const satisfies StructLayout;

export const open_how = {
  name: "open_how",
  header: "linux/openat2.h",
  size: 24,
  fields: {
    flags: [0, 8],
    mode: [8, 8],
    resolve: [16, 8],
  },
} as const satisfies StructLayout;

export const utsname = {
  name: "utsname",
  header: "sys/utsname.h",
  size: 390,
  fields: {
    sysname: [0, 65],
    nodename: [65, 65],
    release: [130, 65],
    version: [195, 65],
    machine: [260, 65],
  },
} as const satisfies StructLayout;

export const rlimit = {
  name: "rlimit",
  header: "sys/resource.h",
  size: 16,
  fields: {
    rlim_cur: [0, 8],
    rlim_max: [8, 8],
  },
} as const satisfies StructLayout;

/** Packed on x86-64 alone, so that its size differs by architecture. */
export const epoll_event = {
  name: "epoll_event",
  header: "sys/epoll.h",
  size: Deno.build.arch === "x86_64" ? 12 : 16,
  fields: {
    events: [0, 4],
    "data.u64": Deno.build.arch === "x86_64" ? [4, 8] : [8, 8],
  },
} as const satisfies StructLayout;

export const ucred = {
  name: "ucred",
  header: "sys/socket.h",
  size: 12,
  fields: {
    pid: [0, 4],
    uid: [4, 4],
    gid: [8, 4],
  },
} as const satisfies StructLayout;

export const sockaddr_un = {
  name: "sockaddr_un",
  header: "sys/un.h",
  size: 110,
  fields: {
    sun_family: [0, 2],
    sun_path: [2, 108],
  },
} as const satisfies StructLayout;
