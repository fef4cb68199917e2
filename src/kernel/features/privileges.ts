// What this process may do, as far as it decides how a refusal of bpf(2) is to be read.
import { readLink, readText } from "../../../ffi/file.ts";

/** Bits of linux/capability.h, with the names that remedies use. */
const bits = {
  CAP_NET_ADMIN: 12n,
  CAP_SYS_ADMIN: 21n,
  CAP_PERFMON: 38n,
  CAP_BPF: 39n,
} as const;

export type Capability = keyof typeof bits;

/** linux/nsfs.h: the inode number of the user namespace that the kernel booted with. */
const INITIAL_USER_NAMESPACE = `user:[${0xeffffffd}]`;

export class Privileges {
  readonly #effective: bigint;
  readonly #place: "initial" | "other";

  /**
   * @param effective the set of effective capabilities
   * @param place the user namespace: bpf(2) counts only capabilities of the initial one
   */
  constructor(effective: bigint, place: "initial" | "other") {
    this.#effective = effective;
    this.#place = place;
  }

  /** Of this thread, now. What /proc does not tell is taken to be there. */
  static read(): Privileges {
    const status = readText("/proc/thread-self/status") ?? "";
    const digits = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "ffffffffffffffff";
    const namespace = readLink("/proc/self/ns/user") ?? INITIAL_USER_NAMESPACE;
    const place = namespace === INITIAL_USER_NAMESPACE ? "initial" : "other";
    return new Privileges(BigInt(`0x${digits}`), place);
  }

  /** Those of `wanted` that are missing, as a remedy names them. */
  lacking(wanted: readonly Capability[]): string[] {
    if (this.#place === "other") {
      return wanted.map((name) => `${name} in the host's user namespace`);
    }
    if (this.#has("CAP_SYS_ADMIN")) return []; // stands for each of them
    return wanted.filter((name) => !this.#has(name));
  }

  /** Changes when an earlier refusal might no longer hold. */
  get key(): string {
    return `${this.#place} ${this.#effective}`;
  }

  #has(name: Capability): boolean {
    return (this.#effective >> bits[name] & 1n) === 1n;
  }
}
