// What the kernel tells of a link.
import { bpf_link_info } from "../../ffi/layouts/bpf_info.ts";
import { idOrNull, Info } from "./info.ts";
import { type LinkTarget, linkTarget } from "./link_target.ts";

export type { LinkTarget } from "./link_target.ts";

export interface LinkInfo {
  readonly id: number;
  /** `enum bpf_link_type`. */
  readonly type: number;
  /** null for a struct_ops link. */
  readonly programId: number | null;
  readonly target: LinkTarget;
}

/**
 * @param fd descriptor of a link
 * @throws object_info_failed with the errno
 * @since Linux 5.8; targets of perf events and tcx since 6.6 @see bpf(2), linux/bpf.h
 */
export function linkInfo(fd: number): LinkInfo {
  const info = Info.read(fd, bpf_link_info, `the link behind descriptor ${fd}`);
  return {
    id: info.number("id"),
    type: info.number("type"),
    programId: idOrNull(info.number("prog_id")),
    target: linkTarget(fd, info),
  };
}
