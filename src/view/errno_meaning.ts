// What an error of a system call usually means: first for the call itself, then for any call.

export interface ErrnoMeaning {
  readonly meaning: string;
  /** It comes up in the work of healthy programs. */
  readonly routine: boolean;
}

/** Kinds of calls for which an error means something of its own. */
const kinds: readonly (readonly [string, RegExp])[] = [
  ["connect", /^connect$/],
  ["bind", /^bind$/],
  ["open", /^(open|openat|openat2|creat)$/],
  ["exec", /^exec/],
  ["look", /^(stat|lstat|fstatat|newfstatat|stat64|lstat64|fstatat64|statx|access|faccessat)/],
  ["look", /^(readlink|getxattr|lgetxattr|fgetxattr|listxattr)/],
  ["make", /^(mkdir|mknod|link|symlink|rename)/],
  ["remove", /^(unlink|rmdir)/],
  ["take", /^(read|pread|recv|accept|epoll_|timerfd|signalfd|eventfd)/],
  ["give", /^(write|pwrite|send)/],
  ["wait", /^(wait|waitid)/],
  ["futex", /^futex/],
  ["signal", /^(kill|tkill|tgkill|pidfd_send_signal)$/],
  ["sleep", /^(rt_sigtimedwait|semtimedop|mq_timed)/],
  ["descriptor", /^(dup|fcntl|close|ioctl|lseek)/],
];

const NORMAL = true;
const ODD = false;

/** `KIND ERRNO`, or `ERRNO` for any call. */
const meanings: Readonly<Record<string, readonly [string, boolean]>> = {
  "open ENOENT": ["the file is not there; programs also search along paths so", NORMAL],
  "look ENOENT": ["nothing is at the path; programs ask so whether it exists", NORMAL],
  "exec ENOENT": ["the program is not there, or its interpreter; shells search PATH so", NORMAL],
  "remove ENOENT": ["it was not there any more", NORMAL],
  "connect ENOENT": ["no unix socket is at the path: the service does not run", ODD],
  ENOENT: ["a path or an entry does not exist", NORMAL],
  "open EACCES": ["file permissions, or a security module, refuse the opening", ODD],
  "look EACCES": ["a folder on the way may not be searched", ODD],
  "exec EACCES": ["the file may not be executed, or its file system is noexec", ODD],
  "bind EACCES": ["the port is privileged and the process lacks CAP_NET_BIND_SERVICE", ODD],
  EACCES: ["permissions refuse it: owner and mode, a security module, a mount option", ODD],
  EPERM: ["the process lacks a capability, or seccomp or a security module refuses", ODD],
  "take EAGAIN": ["nothing is there yet; a non-blocking descriptor says so", NORMAL],
  "give EAGAIN": ["the buffer is full: the other side reads too slowly", NORMAL],
  "futex EAGAIN": ["the value had changed before the wait began", NORMAL],
  "sleep EAGAIN": ["the time that it would wait is over", NORMAL],
  EAGAIN: ["not now: it would have to wait, or a limit of processes is reached", NORMAL],
  EINTR: ["a signal came while it waited", NORMAL],
  ECONNREFUSED: ["nobody listens at the address: the service is down, or the port wrong", ODD],
  "connect EINPROGRESS": ["a non-blocking connection has begun", NORMAL],
  EALREADY: ["the connection is still being made", NORMAL],
  "connect ETIMEDOUT": ["nobody answers: host down, or packets dropped on the way", ODD],
  "futex ETIMEDOUT": ["the time that it would wait is over", NORMAL],
  ETIMEDOUT: ["no answer in time", ODD],
  EHOSTUNREACH: ["no route to the host, or nobody answers for its address", ODD],
  ENETUNREACH: ["there is no route to the network", ODD],
  "bind EADDRINUSE": ["another process listens at the address", ODD],
  EADDRINUSE: ["the address is taken", ODD],
  EADDRNOTAVAIL: ["no such local address, or all local ports are in use", ODD],
  ECONNRESET: ["the other side ended the connection abruptly", ODD],
  ECONNABORTED: ["the connection was given up before it was accepted", ODD],
  EPIPE: ["the reader has gone", ODD],
  ENOTCONN: ["the socket is not connected (any more)", NORMAL],
  EMFILE: ["the process has as many open files as its limit allows", ODD],
  ENFILE: ["the host has as many open files as it can have", ODD],
  ENOMEM: ["out of memory, or over a limit of memory or mappings", ODD],
  ENOSPC: ["the disk is full, or a limit of inodes or watches is reached", ODD],
  EDQUOT: ["the user's disk quota is used up", ODD],
  EROFS: ["the file system is mounted read-only", ODD],
  EIO: ["the device failed", ODD],
  ENODEV: ["no such device", ODD],
  ENXIO: ["no device or reader is there", ODD],
  EBUSY: ["in use by somebody else", ODD],
  ETXTBSY: ["a running program cannot be written", ODD],
  "make EEXIST": ["it is there already; programs make folders so", NORMAL],
  EEXIST: ["it exists already", NORMAL],
  ENOTEMPTY: ["the folder is not empty", NORMAL],
  ENOTDIR: ["a part of the path is no folder", NORMAL],
  EISDIR: ["it is a folder", ODD],
  ELOOP: ["too many symbolic links, or links are refused", ODD],
  ENAMETOOLONG: ["the path or name is too long", ODD],
  EXDEV: ["two file systems, or outside the folder that was allowed", NORMAL],
  EBADF: ["the descriptor is not open, or not for this", ODD],
  "look EINVAL": ["what is there is no symbolic link", NORMAL],
  EINVAL: ["an argument is wrong, or this kernel does not know it", ODD],
  EFAULT: ["a pointer leads outside of the process's memory", ODD],
  ENOSYS: ["this kernel does not have the call, or a filter hides it", NORMAL],
  EOPNOTSUPP: ["the file or socket cannot do it", NORMAL],
  ENOTTY: ["no terminal or no such request; programs ask so whether it is one", NORMAL],
  ESPIPE: ["pipes and sockets have no position", NORMAL],
  ENODATA: ["there is no such attribute or data", NORMAL],
  ERANGE: ["the result does not fit into the buffer", NORMAL],
  "wait ECHILD": ["there are no (more) children", NORMAL],
  ECHILD: ["no such child", NORMAL],
  "signal ESRCH": ["the process has ended; programs ask so whether it lives", NORMAL],
  ESRCH: ["no such process or entry", NORMAL],
  ENOEXEC: ["not a program that this kernel can run", ODD],
  E2BIG: ["arguments, environment or a structure are too large", ODD],
  EFBIG: ["over the limit of file size", ODD],
  ENOBUFS: ["no buffers left for the network", ODD],
  EMSGSIZE: ["the message is too large for the socket or the path's MTU", ODD],
  ENOTSOCK: ["the descriptor is no socket", ODD],
  EDESTADDRREQ: ["the socket has no peer to send to", ODD],
  EAFNOSUPPORT: ["the address family is not there, such as IPv6 when it is off", NORMAL],
  EPROTONOSUPPORT: ["the protocol is not there", ODD],
  ENOPROTOOPT: ["no such socket option", NORMAL],
  EISCONN: ["the socket is connected already", NORMAL],
  ENOLCK: ["no locks left, or the file system has none", ODD],
  EDEADLK: ["it would wait for itself", ODD],
  ESTALE: ["the file behind a network file system has gone", ODD],
  EKEYREVOKED: ["the key was revoked", ODD],
  ENOKEY: ["there is no such key", NORMAL],
  ECANCELED: ["it was cancelled", NORMAL],
  EOVERFLOW: ["a value does not fit, as a large file's size in a 32-bit call", ODD],
};

/** Null when there is nothing to say beyond the error's name. */
export function errnoMeaning(syscall: string, errno: string): ErrnoMeaning | null {
  const own = kinds.filter(([, pattern]) => pattern.test(syscall)).map(([kind]) => kind);
  for (const name of [...own.map((kind) => `${kind} ${errno}`), errno]) {
    const found = Object.hasOwn(meanings, name) ? meanings[name] : undefined;
    if (found !== undefined) return { meaning: found[0], routine: found[1] };
  }
  return null;
}
