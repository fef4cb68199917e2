// Whether this process is in the host's own namespaces or in others, as far as that can be told.
import { readLink } from "../../ffi/file.ts";
import type { KernelVersion } from "./kernel_release.ts";

export const namespaceKinds = ["user", "pid", "net", "mnt", "cgroup"] as const;
export type NamespaceKind = typeof namespaceKinds[number];

/** `initial`: the one that the kernel booted with. `unknown`: nobody tells. */
export type Place = "initial" | "other" | "unknown";

export type Places = Readonly<Record<NamespaceKind, Place>>;

/** Inode numbers of the initial namespaces (linux/nsfs.h), and whether 4.18 has them already. */
const initial: Readonly<Record<NamespaceKind, { number: number; since: "ever" | "6.18" }>> = {
  user: { number: 0xeffffffd, since: "ever" },
  pid: { number: 0xeffffffc, since: "ever" },
  cgroup: { number: 0xeffffffb, since: "ever" },
  net: { number: 0xeffffff9, since: "6.18" }, // before, numbered like any other
  mnt: { number: 0xeffffff8, since: "6.18" },
};

/** The links below /proc/PID/ns by kind; null where one cannot be read. */
type Links = (kind: NamespaceKind) => string | null;

/** Reads the links of this process, and of pid 1 where it is the host's and shows them. */
export function readPlaces(kernel: KernelVersion | null): Places {
  return placesOf(
    (kind) => readLink(`/proc/self/ns/${kind}`),
    (kind) => readLink(`/proc/1/ns/${kind}`),
    kernel,
  );
}

/** @param own of this process @param first of pid 1 of its pid namespace */
export function placesOf(own: Links, first: Links, kernel: KernelVersion | null): Places {
  const allNumbered = kernel !== null &&
    (kernel.major > 6 || (kernel.major === 6 && kernel.minor >= 18));
  const place = (kind: NamespaceKind): Place => {
    const link = own(kind);
    const number = /\[(\d+)\]$/.exec(link ?? "")?.[1];
    if (number === undefined) return "unknown";
    if (Number(number) === initial[kind].number) return "initial";
    if (allNumbered || initial[kind].since === "ever") return "other";
    const ofHost = place("pid") === "initial" ? first(kind) : null;
    if (ofHost === null) return "unknown";
    return link === ofHost ? "initial" : "other";
  };
  return {
    user: place("user"),
    pid: place("pid"),
    net: place("net"),
    mnt: place("mnt"),
    cgroup: place("cgroup"),
  };
}
