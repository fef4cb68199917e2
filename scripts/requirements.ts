// What a build and the tests need from the system, and how to see whether it is there.

/** `build` is enough for the executable and the demo; `tests` adds what only tests use. */
export type Purpose = "build" | "tests";

export interface Requirement {
  /** Debian's and Ubuntu's package. */
  readonly package: string;
  /** Any one of these shows that it is there, however it was installed. */
  readonly evidence: readonly string[];
}

export interface Mount {
  readonly type: string;
  readonly path: string;
}

const forBuild: readonly Requirement[] = [
  { package: "clang", evidence: ["/usr/bin/clang", "/usr/local/bin/clang"] },
  { package: "llvm", evidence: ["/usr/bin/llvm-readelf", "/usr/local/bin/llvm-readelf"] },
  { package: "binutils", evidence: ["/usr/bin/nm"] },
  { package: "libbpf-dev", evidence: ["/usr/include/bpf/libbpf.h"] },
  { package: "bpftool", evidence: ["/usr/sbin/bpftool", "/usr/local/sbin/bpftool"] },
  {
    package: "debian-archive-keyring", // verifies the libraries that are embedded
    evidence: ["/usr/share/keyrings/debian-archive-keyring.gpg"],
  },
];

/** Boots other kernels, from memory alone. */
const forMatrix: readonly Requirement[] = [
  { package: "qemu-system-x86", evidence: ["/usr/bin/qemu-system-x86_64"] },
  { package: "busybox-static", evidence: ["/usr/bin/busybox", "/bin/busybox"] },
  { package: "cpio", evidence: ["/usr/bin/cpio", "/bin/cpio"] },
  { package: "xz-utils", evidence: ["/usr/bin/xz"] },
  { package: "util-linux", evidence: ["/usr/bin/nsenter"] },
];

const forTests: readonly Requirement[] = [
  { package: "iproute2", evidence: ["/usr/sbin/ip", "/sbin/ip", "/bin/ip"] },
  { package: "libcap2-bin", evidence: ["/usr/sbin/setcap", "/sbin/setcap"] },
  { package: "curl", evidence: ["/usr/bin/curl"] }, // speaks HTTP over a Unix socket
  { package: "gcc", evidence: ["/usr/bin/gcc"] }, // the C peers of the benchmarks
  { package: "g++", evidence: ["/usr/bin/g++"] }, // programs whose functions have C++ names
  { package: "libc6-dev", evidence: ["/usr/include/stdio.h"] },
  { package: "libelf-dev", evidence: ["/usr/include/libelf.h"] },
  { package: "libbpf-tools", evidence: ["/usr/sbin/opensnoop"] }, // the gadgets' peers
  { package: "bpftrace", evidence: ["/usr/bin/bpftrace"] }, // and its tools
  ...(Deno.build.arch === "x86_64" ? forMatrix : []), // its kernels are for this one alone
];

/** Where the kernel's objects and events are looked at and pinned. */
export const mounts: readonly Mount[] = [
  { type: "bpf", path: "/sys/fs/bpf" },
  { type: "tracefs", path: "/sys/kernel/tracing" },
];

/** The packages that are missing, in the order in which they are listed. */
export function missingPackages(
  purpose: Purpose,
  exists: (path: string) => boolean,
): string[] {
  const wanted = purpose === "tests" ? [...forBuild, ...forTests] : forBuild;
  return wanted.filter(({ evidence }) => !evidence.some(exists)).map((one) => one.package);
}

/** The file systems that are not mounted, from the text of /proc/self/mounts. */
export function missingMounts(table: string): Mount[] {
  const mounted = new Set(
    table.split("\n").map((line) => {
      const [, path = "", type = ""] = line.split(" ");
      return `${type} ${path}`;
    }),
  );
  return mounts.filter(({ type, path }) => !mounted.has(`${type} ${path}`));
}

/** True for Debian, Ubuntu and what derives from them, from the text of /etc/os-release. */
export function isDebian(osRelease: string): boolean {
  const ids = /^(?:ID|ID_LIKE)=(.*)$/gm;
  return [...osRelease.matchAll(ids)].some(([, value = ""]) => /\b(debian|ubuntu)\b/.test(value));
}
