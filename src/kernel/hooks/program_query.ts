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

type QueryField = keyof typeof bpf_attr.fields;

const BPF_PROG_QUERY = 16;
const BPF_F_QUERY_EFFECTIVE = 1;
const BPF_LSM_CGROUP = 43;
const ENOSPC = 28;
/** BPF_MPROG_MAX, and as many as a control group takes of one type: more needs luck or malice. */
const EXPECTED_PROGRAMS = 64;
const MOST_PROGRAMS = 1 << 16;
const ID_BYTES = 4;

/** What the kernel reads of a query, and the arrays that it fills: made once, used for all. */
class QueryMemory {
  readonly #programs: Uint8Array<ArrayBuffer>;
  readonly #links: Uint8Array<ArrayBuffer>;
  readonly #attrs: Readonly<Record<"plain" | "links" | "flags", Struct<QueryField>>>;

  constructor(readonly room: number) {
    const programs = this.#programs = fixedBytes(room * ID_BYTES);
    const links = this.#links = fixedBytes(room * ID_BYTES);
    const attr = () => new Struct(bpf_attr).point("query.prog_ids", programs);
    this.#attrs = {
      plain: attr(),
      links: attr().point("query.link_ids", links),
      // lsm_cgroup insists on an array for them
      flags: attr().point("query.prog_attach_flags", fixedBytes(room * ID_BYTES)),
    };
  }

  /** A query as it is before the kernel has answered it. */
  attr({ target, attachType, scope = "own", wants }: ProgramQuery): Struct<QueryField> {
    const wantsFlags = attachType === BPF_LSM_CGROUP && scope === "own";
    const kind = wants ?? (wantsFlags ? "flags" : "plain");
    if (kind === "links") this.#links.fill(0);
    return this.#attrs[kind]
      .set("query.target_fd", target)
      .set("query.attach_type", attachType)
      .set("query.query_flags", scope === "effective" ? BPF_F_QUERY_EFFECTIVE : 0)
      .set("query.attach_flags", 0)
      .set("query.prog_cnt", this.room);
  }

  /** The first programs of the answer, and their links where these were asked for. */
  attached(count: number, { wants }: ProgramQuery): AttachedProgram[] {
    const links = new Uint32Array(this.#links.buffer, 0, count);
    return Array.from(new Uint32Array(this.#programs.buffer, 0, count), (programId, index) => {
      const linkId = wants === "links" ? links[index] ?? 0 : 0;
      return { programId, linkId: linkId === 0 ? null : linkId };
    });
  }
}

/** Asks again and again with the same memory: a host has thousands of hooks. */
export class ProgramQueries {
  #memory = new QueryMemory(EXPECTED_PROGRAMS);

  /**
   * The programs in the order in which they run, or a positive errno: EINVAL where the kernel does
   * not know the attach type, EPERM without CAP_NET_ADMIN, ENXIO and EACCES for what is no netkit.
   * Takes 2 us.
   *
   * @since Linux 4.15; link ids since 6.6, sockmaps since 5.17 @see bpf(2)
   */
  ask(query: ProgramQuery): AttachedProgram[] | number {
    const attr = this.#memory.attr(query);
    const result = systemCall("bpf", BPF_PROG_QUERY, attr.bytes, attr.layout.size);
    const code = result < 0 ? errno() : 0;
    const count = attr.number("query.prog_cnt");
    if (code === ENOSPC && count > this.#memory.room && count <= MOST_PROGRAMS) {
      this.#memory = new QueryMemory(count);
      return this.ask(query);
    }
    if (code !== 0) return code;
    return count === 0 ? [] : this.#memory.attached(Math.min(count, this.#memory.room), query);
  }
}
