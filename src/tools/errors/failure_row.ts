// One row of trace_errors' answer.
import * as z from "zod";
import { errnoName } from "../../errno.ts";
import type { FailureSample } from "../../gadgets/failed_calls.ts";
import type { Who } from "../who.ts";
import { errnoMeaning } from "../../view/errno_meaning.ts";
import type { FailureGroup } from "./failure_groups.ts";

export const failureRowShape = z.object({
  syscall: z.string(),
  compat: z.literal(true).optional().describe("a 32-bit call, with numbers of its own"),
  errno: z.int(),
  errno_name: z.string(),
  meaning: z.string().optional().describe("what it usually means"),
  routine: z.boolean().optional().describe("healthy programs meet it too"),
  count: z.int(),
  process: z.object({
    comm: z.string(),
    pid: z.int().describe("the one with the most"),
    processes: z.int().optional().describe("of this name, when more than one"),
    uid: z.int(),
    user: z.string().optional(),
    command: z.string().optional().describe("its command line, cut"),
    container: z.string().optional().describe("its name, else runtime and id"),
    image: z.string().optional(),
    pod: z.string().optional(),
    unit: z.string().optional(),
  }),
  sample: z.object({
    path: z.string().optional(),
    address: z.string().optional(),
    service: z.string().optional().describe("that its port is known for"),
    fd: z.int().optional(),
    args: z.array(z.string()).optional(),
  }).describe("of the first: its path or address, else its arguments"),
});

export type FailureRow = z.input<typeof failureRowShape>;

/** Calls whose first argument is a descriptor. */
const DESCRIPTOR = new RegExp(
  "^(p?readv?|p?writev?|read|write|pread64|pwrite64|preadv2?|pwritev2?|close|fstat|fstat64|" +
    "lseek|_llseek|ioctl|fcntl|fcntl64|fsync|fdatasync|f?truncate(64)?|flock|getdents(64)?|" +
    "accept4?|recvfrom|recvmsg|recvmmsg|send|sendto|sendmsg|sendmmsg|connect|bind|shutdown|" +
    "listen|getsockopt|setsockopt|getsockname|getpeername|epoll_(ctl|wait|pwait2?)|dup[23]?|" +
    "fchmod|fchown|fallocate|splice|tee|vmsplice|sendfile|fstatfs|fchdir|timerfd_.*time|" +
    "inotify_(add|rm)_watch|fgetxattr|fsetxattr|flistxattr|fremovexattr|syncfs|setns|io_uring_.*)$",
);

const LARGEST_FD = 2 ** 31;

/**
 * @param who what the host knows of the process with the most of them
 * @param service what the host calls a port
 */
export function failureRow(
  group: FailureGroup,
  who: Who,
  service: (port: number) => string | null,
): FailureRow {
  const { syscall, isCompat, errno, count, comm, pid, uid, processes, sample } = group;
  const name = errnoName(errno);
  return {
    syscall,
    ...(isCompat ? { compat: true } : {}),
    errno,
    errno_name: name,
    ...errnoMeaning(syscall, name),
    count,
    process: { comm, pid, ...(processes > 1 ? { processes } : {}), uid, ...who },
    sample: shownSample(syscall, sample, service),
  };
}

function shownSample(
  syscall: string,
  { path, address, port, args }: FailureSample,
  service: (port: number) => string | null,
) {
  const known = port === undefined ? null : service(port);
  const [first = 0n] = args;
  const isFd = DESCRIPTOR.test(syscall) && first < LARGEST_FD;
  const named = {
    ...(path === undefined ? {} : { path }),
    ...(address === undefined ? {} : { address }),
    ...(known === null ? {} : { service: known }),
    ...(isFd ? { fd: Number(first) } : {}),
  };
  if (Object.keys(named).length > 0) return named;
  return { args: args.map((arg) => `0x${arg.toString(16)}`) };
}
