// errno numbers to names: those of x86-64 and arm64, which are the same, what the kernel lets out
// of itself through bpf(2) and tracing, and libbpf's own.
import { errnoNames } from "./errno.gen.ts";

const FIRST_KERNEL = 512;
const FIRST_LIBBPF = 4000;

/** include/linux/errno.h, from 512 on. */
const kernelNames = [
  "ERESTARTSYS",
  "ERESTARTNOINTR",
  "ERESTARTNOHAND",
  "ENOIOCTLCMD",
  "ERESTART_RESTARTBLOCK",
  "EPROBE_DEFER",
  "EOPENSTALE",
  "ENOPARAM",
  "",
  "EBADHANDLE",
  "ENOTSYNC",
  "EBADCOOKIE",
  "ENOTSUPP",
  "ETOOSMALL",
  "ESERVERFAULT",
  "EBADTYPE",
  "EJUKEBOX",
  "EIOCBQUEUED",
  "ERECALLCONFLICT",
  "ENOGRACE",
] as const;

/** bpf/libbpf.h, enum libbpf_errno, from 4000 on, without their prefix. */
const libbpfNames = [
  "LIBELF",
  "FORMAT",
  "KVERSION",
  "ENDIAN",
  "INTERNAL",
  "RELOC",
  "LOAD",
  "VERIFY",
  "PROG2BIG",
  "KVER",
  "PROGTYPE",
  "WRNGPID",
  "INVSEQ",
  "NLPARSE",
] as const;

/** The name of a positive errno or of a code of libbpf; unknown ones as `errno N`. */
export function errnoName(errno: number): string {
  const libbpf = libbpfNames[errno - FIRST_LIBBPF];
  if (libbpf !== undefined) return `LIBBPF_ERRNO__${libbpf}`;
  return errnoNames[errno] || kernelNames[errno - FIRST_KERNEL] || `errno ${errno}`;
}

/** The errno of a name such as `ENOENT`; null for what is none. */
export function errnoNumber(name: string): number | null {
  const errno = name === "" ? -1 : errnoNames.indexOf(name);
  return errno < 0 ? null : errno;
}
