// The only dlopen, and the one piece of module-level state: libc and libbpf, opened at first use.
import { EBPFError } from "../src/errors.ts";
import { bpf_h } from "./libbpf/bpf_h.ts";
import { btf_h } from "./libbpf/btf_h.ts";
import { libbpf_h } from "./libbpf/libbpf_h.ts";
import { errno_h } from "./libc/errno_h.ts";
import { fcntl_h } from "./libc/fcntl_h.ts";
import { malloc_h } from "./libc/malloc_h.ts";
import { net_if_h } from "./libc/net_if_h.ts";
import { sched_h } from "./libc/sched_h.ts";
import { stdio_h } from "./libc/stdio_h.ts";
import { sys_epoll_h } from "./libc/sys_epoll_h.ts";
import { sys_eventfd_h } from "./libc/sys_eventfd_h.ts";
import { sys_ioctl_h } from "./libc/sys_ioctl_h.ts";
import { sys_mman_h } from "./libc/sys_mman_h.ts";
import { sys_resource_h } from "./libc/sys_resource_h.ts";
import { sys_socket_h } from "./libc/sys_socket_h.ts";
import { sys_stat_h } from "./libc/sys_stat_h.ts";
import { sys_utsname_h } from "./libc/sys_utsname_h.ts";
import { sys_xattr_h } from "./libc/sys_xattr_h.ts";
import { unistd_h } from "./libc/unistd_h.ts";

export const libcSymbols = {
  ...errno_h,
  ...fcntl_h,
  ...malloc_h,
  ...net_if_h,
  ...sched_h,
  ...stdio_h,
  ...sys_epoll_h,
  ...sys_eventfd_h,
  ...sys_ioctl_h,
  ...sys_mman_h,
  ...sys_resource_h,
  ...sys_socket_h,
  ...sys_stat_h,
  ...sys_utsname_h,
  ...sys_xattr_h,
  ...unistd_h,
} as const satisfies Deno.ForeignLibraryInterface;

export const libbpfSymbols = {
  ...libbpf_h,
  ...bpf_h,
  ...btf_h,
} as const satisfies Deno.ForeignLibraryInterface;

export type Libc = Deno.StaticForeignLibraryInterface<typeof libcSymbols>;
export type Libbpf = Deno.StaticForeignLibraryInterface<typeof libbpfSymbols>;

/** Which libbpf to use: `auto` takes the host's when it is new enough, else the embedded copy. */
export type LibbpfChoice = "auto" | "system" | "embedded";

/** libbpf 1.1: the floor; below it struct options and -errno conventions differ. */
const FLOOR = { major: 1, minor: 1 };
const SYSTEM_LIBBPF = "libbpf.so.1";
/** In the order that the loader needs them: it matches by the names already loaded. */
const EMBEDDED = ["libz.so.1", "libelf.so.1", "libbpf.so.1"];
const MFD_CLOEXEC = 1;
/** mallopt(3). libbpf loads on any of 32 threads, and each arena keeps what one load took. */
const M_ARENA_MAX = -8;

interface Libraries {
  choice: LibbpfChoice;
  embedded: URL | null;
  libc: Libc | null;
  libbpf: Libbpf | null;
  source: "system" | "embedded";
  /** What the last call that was given bare addresses must not lose to the garbage collector. */
  retained: unknown;
}

const state: Libraries = {
  choice: "auto",
  embedded: null,
  libc: null,
  libbpf: null,
  source: "system",
  retained: null,
};

/** Keeps a value referenced until the next call. */
export function retain(value: unknown): void {
  state.retained = value;
}

/** Says before first use which libbpf to take and where the embedded libraries lie. */
export function configureLibraries(choice: LibbpfChoice, embedded: URL | null): void {
  state.choice = choice;
  state.embedded = embedded;
}

export function libc(): Libc {
  return state.libc ??= Deno.dlopen("libc.so.6", libcSymbols).symbols;
}

export function libbpf(): Libbpf {
  return state.libbpf ??= openLibbpf();
}

/** Version text of the loaded libbpf ("v1.1") and where it came from. */
export function libbpfVersion(): { version: string; source: "system" | "embedded" } {
  const symbols = libbpf();
  const version = `${symbols.libbpf_major_version()}.${symbols.libbpf_minor_version()}`;
  return { version, source: state.source };
}

function openLibbpf(): Libbpf {
  libc().mallopt(M_ARENA_MAX, 1);
  const reasons: string[] = [];
  if (state.choice !== "embedded") {
    const system = trySystem(reasons);
    if (system !== null) return system;
  }
  if (state.choice !== "system") {
    const embedded = tryEmbedded(reasons);
    if (embedded !== null) return embedded;
  }
  throw new EBPFError("kernel", "library_missing", "Cannot load libbpf 1.1 or newer", {
    reasons,
    hint: "install libbpf1 (Debian, Ubuntu) or libbpf (Fedora), or use --libbpf embedded",
  });
}

function trySystem(reasons: string[]): Libbpf | null {
  try {
    const { symbols } = Deno.dlopen(SYSTEM_LIBBPF, libbpfSymbols);
    const major = symbols.libbpf_major_version();
    const minor = symbols.libbpf_minor_version();
    if (major > FLOOR.major || (major === FLOOR.major && minor >= FLOOR.minor)) {
      state.source = "system";
      return symbols;
    }
    reasons.push(`${SYSTEM_LIBBPF} is ${major}.${minor}, wanted 1.1 or newer`);
  } catch (error) {
    reasons.push(error instanceof Error ? error.message : String(error));
  }
  return null;
}

function tryEmbedded(reasons: string[]): Libbpf | null {
  if (state.embedded === null) {
    reasons.push("this build embeds no libbpf");
    return null;
  }
  try {
    let path = "";
    for (const name of EMBEDDED) {
      path = memfdPath(name, Deno.readFileSync(new URL(name, state.embedded)));
      if (name !== SYSTEM_LIBBPF) Deno.dlopen(path, {});
    }
    const { symbols } = Deno.dlopen(path, libbpfSymbols);
    state.source = "embedded";
    return symbols;
  } catch (error) {
    reasons.push(error instanceof Error ? error.message : String(error));
    return null;
  }
}

/** A file that only this process has: no predictable path that another user could replace. */
function memfdPath(name: string, bytes: Uint8Array<ArrayBuffer>): string {
  const c = libc();
  const fd = c.memfd_create(new TextEncoder().encode(`${name}\0`), MFD_CLOEXEC);
  if (fd < 0) throw new Error(`memfd_create failed for ${name}`);
  for (let done = 0; done < bytes.length;) {
    const count = Number(c.write(fd, bytes.subarray(done), BigInt(bytes.length - done)));
    if (count <= 0) throw new Error(`writing ${name} into memory failed`);
    done += count;
  }
  return `/proc/self/fd/${fd}`;
}
