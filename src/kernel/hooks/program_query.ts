// BPF_PROG_QUERY: which programs are attached to an interface, a control group, a network namespace
// or a sockmap. By system call: libbpf 1.1 wraps it without link ids.
import { errno } from "../../../ffi/errno.ts";
import { bpf_attr } from "../../../ffi/layouts/bpf_attr.ts";
import { fixedBytes, Struct } from "../../../ffi/struct.ts";
import { systemCall } from "../../../ffi/syscalls.ts";

/** One place in the order in which programs run. */
export interface AttachedProgram {
  readonly programId: number;
  /** null where the program is attached without a link, or the hook's kind tells no link. */
  readonly linkId: number | null;
}

/** What to ask about. */
export interface ProgramQuery {
  /** A descriptor, or an interface's index in this thread's network namespace. */
  readonly target: number;
  /** `enum bpf_attach_type`. */
  readonly attachType: number;
  /** `effective`: everything that runs for a control group, inherited programs too. */
  readonly scope?: "own" | "effective";
  /** `links` for the hooks that tell link ids: tcx and netkit. */
  readonly wants?: "links";
}

const BPF_PROG_QUERY = 16;
const BPF_F_QUERY_EFFECTIVE = 1;
const BPF_LSM_CGROUP = 43;
const ENOSPC = 28;
/** BPF_MPROG_MAX, and as many as a control group takes of one type: more needs luck or malice. */
const EXPECTED_PROGRAMS = 64;
const MOST_PROGRAMS = 1 << 16;
const ID_BYTES = 4;

/** Asks again and again with the same memory: a host has thousands of hooks. */
export class ProgramQueries {
  #room = EXPECTED_PROGRAMS;
  #programs = fixedBytes(EXPECTED_PROGRAMS * ID_BYTES);
  #links = fixedBytes(EXPECTED_PROGRAMS * ID_BYTES);
  #flags = fixedBytes(EXPECTED_PROGRAMS * ID_BYTES);

  /**
   * The programs in the order in which they run, or a positive errno: EINVAL where the kernel does
   * not know the attach type, EPERM without CAP_NET_ADMIN, ENXIO and EACCES for what is no netkit.
   *
   * @since Linux 4.15; link ids since 6.6, sockmaps since 5.17 @see bpf(2)
   */
  ask(query: ProgramQuery): AttachedProgram[] | number {
    const { target, attachType, scope = "own", wants } = query;
    this.#links.fill(0);
    const attr = new Struct(bpf_attr)
      .set("query.target_fd", target)
      .set("query.attach_type", attachType)
      .set("query.query_flags", scope === "effective" ? BPF_F_QUERY_EFFECTIVE : 0)
      .set("query.prog_cnt", this.#room)
      .point("query.prog_ids", this.#programs);
    if (wants === "links") attr.point("query.link_ids", this.#links);
    if (attachType === BPF_LSM_CGROUP && scope === "own") {
      attr.point("query.prog_attach_flags", this.#flags); // it insists
    }
    const result = systemCall("bpf", BPF_PROG_QUERY, attr.bytes, attr.layout.size);
    const code = result < 0 ? errno() : 0;
    const count = attr.number("query.prog_cnt");
    if (code === ENOSPC && count > this.#room && count <= MOST_PROGRAMS) {
      this.#grow(count);
      return this.ask(query);
    }
    if (code !== 0) return code;
    if (count === 0) return [];
    return this.#attached(Math.min(count, this.#room));
  }

  #attached(count: number): AttachedProgram[] {
    const programs = new Uint32Array(this.#programs.buffer, 0, count);
    const links = new Uint32Array(this.#links.buffer, 0, count);
    return Array.from(programs, (programId, index) => {
      const linkId = links[index] ?? 0;
      return { programId, linkId: linkId === 0 ? null : linkId };
    });
  }

  #grow(count: number): void {
    this.#room = count;
    this.#programs = fixedBytes(count * ID_BYTES);
    this.#links = fixedBytes(count * ID_BYTES);
    this.#flags = fixedBytes(count * ID_BYTES);
  }
}
