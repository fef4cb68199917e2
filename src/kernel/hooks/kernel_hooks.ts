// What is attached where, as far as links do not tell it.
import { attachTypes } from "../uapi_types.ts";
import { openById } from "../ids.ts";
import type { KernelBtf } from "../kernel_btf.ts";
import { multiKprobeAddresses } from "./multi_kprobe.ts";
import { type PerfAttachment, PerfAttachments } from "./perf_attachment.ts";
import { type AttachedProgram, ProgramQueries } from "./program_query.ts";
import { type StructOps, structOps } from "./struct_ops.ts";

/** `enum bpf_attach_type` by its name in small letters. */
export type AttachType = typeof attachTypes[number];

/**
 * Programs in the order in which they run; `unknown` where this kernel has no such hook, `none`
 * where the target cannot have one or is gone, `refused` without the capability.
 */
export type HookPrograms = readonly AttachedProgram[] | "unknown" | "none" | "refused";

const EPERM = 1;
const EINVAL = 22;
/** A kernel that was built without the hook. */
const EOPNOTSUPP = 95;

export class KernelHooks {
  readonly #btf: KernelBtf;
  #queries: ProgramQueries | null = null;
  #perf: PerfAttachments | null = null;

  constructor(btf: KernelBtf) {
    this.#btf = btf;
  }

  /**
   * Programs at an interface of this thread's network namespace: tcx and netkit.
   * @since Linux 6.6 (tcx), 6.7 (netkit)
   */
  ofInterface(ifindex: number, attachType: AttachType): HookPrograms {
    return this.#ask({ target: ifindex, attachType: numberOf(attachType), wants: "links" });
  }

  /**
   * Programs of a network namespace: flow dissector and socket lookup.
   * @param fd descriptor of the namespace
   * @since Linux 4.20, 5.9
   */
  ofNamespace(fd: number, attachType: AttachType): HookPrograms {
    return this.#ask({ target: fd, attachType: numberOf(attachType) });
  }

  /**
   * Programs of a control group: its own, or all that run for it.
   * @param fd descriptor of its folder
   * @since Linux 4.15
   */
  ofCgroup(fd: number, attachType: AttachType, scope: "own" | "effective"): HookPrograms {
    return this.#ask({ target: fd, attachType: numberOf(attachType), scope });
  }

  /**
   * Programs of a sockmap or sockhash.
   * @throws resource/map_not_found, permission/not_permitted without CAP_SYS_ADMIN
   * @since Linux 5.17
   */
  ofSockmap(mapId: number, attachType: AttachType): HookPrograms {
    using fd = openById("map", mapId);
    return this.#ask({ target: fd.number, attachType: numberOf(attachType) });
  }

  /**
   * What a struct_ops map says of itself.
   * @throws resource/map_not_found, permission/not_permitted without CAP_SYS_ADMIN
   */
  ofStructOps(mapId: number): StructOps {
    using fd = openById("map", mapId);
    return structOps(fd.number, this.#btf.get());
  }

  /**
   * The addresses of a kprobe_multi link's functions.
   * @throws resource/link_not_found, permission/not_permitted without CAP_SYS_ADMIN
   * @throws kernel/object_info_failed
   * @since Linux 6.6
   */
  ofMultiKprobe(linkId: number, count: number): bigint[] {
    using fd = openById("link", linkId);
    return multiKprobeAddresses(fd.number, count);
  }

  /** What a process's perf event runs; see `PerfAttachments.ask`. @since Linux 4.17 */
  ofPerfEvent(pid: number, fd: number): PerfAttachment | number | null {
    this.#perf ??= new PerfAttachments();
    return this.#perf.ask(pid, fd);
  }

  #ask(query: Parameters<ProgramQueries["ask"]>[0]): HookPrograms {
    this.#queries ??= new ProgramQueries();
    const answer = this.#queries.ask(query);
    if (typeof answer !== "number") return answer;
    if (answer === EPERM) return "refused";
    return answer === EINVAL || answer === EOPNOTSUPP ? "unknown" : "none";
  }
}

function numberOf(attachType: AttachType): number {
  return attachTypes.indexOf(attachType);
}
