// What is attached to control groups: a group's own programs, or all that run for it.
import type { Host } from "../../host/host.ts";
import type { ControlGroup } from "../../host/cgroup_tree.ts";
import type { AttachType } from "../../kernel/hooks/kernel_hooks.ts";
import type { KernelView } from "../../kernel/kernel_view.ts";
import type { LinkInfo } from "../../kernel/link_info.ts";
import type { Slices } from "../../slices.ts";
import { visibleLine } from "../../view/text.ts";
import { exactInteger } from "../../btf/value.ts";
import type { Missing } from "../missing.ts";
import { type FoundHook, present } from "./found_hook.ts";

export interface CgroupSurvey {
  readonly hooks: readonly FoundHook[];
  readonly groups: number;
  readonly missing: readonly Missing[];
}

export interface CgroupQuestion {
  readonly scope: "own" | "effective";
  /** Numbers of the program types that exist now; null when they cannot be listed. */
  readonly programTypes: ReadonlySet<string> | null;
  readonly links: readonly LinkInfo[];
  /** Of `performance.now()`: after it the walk ends, and `missing` says so. */
  readonly deadline: number;
  /** Whether a path or an attach type is what the caller asked for. */
  matches(name: string): boolean;
  /** The LSM hook of a program. */
  attachName(programId: number): string | null;
}

/** The attach types of each program type that control groups take. */
const attachTypesOf: ReadonlyMap<string, readonly AttachType[]> = new Map<
  string,
  readonly AttachType[]
>([
  ["cgroup_skb", ["cgroup_inet_ingress", "cgroup_inet_egress"]],
  ["cgroup_sock", [
    "cgroup_inet_sock_create",
    "cgroup_inet_sock_release",
    "cgroup_inet4_post_bind",
    "cgroup_inet6_post_bind",
  ]],
  ["sock_ops", ["cgroup_sock_ops"]],
  ["cgroup_device", ["cgroup_device"]],
  ["cgroup_sock_addr", [
    "cgroup_inet4_bind",
    "cgroup_inet6_bind",
    "cgroup_inet4_connect",
    "cgroup_inet6_connect",
    "cgroup_unix_connect",
    "cgroup_udp4_sendmsg",
    "cgroup_udp6_sendmsg",
    "cgroup_unix_sendmsg",
    "cgroup_udp4_recvmsg",
    "cgroup_udp6_recvmsg",
    "cgroup_unix_recvmsg",
    "cgroup_inet4_getpeername",
    "cgroup_inet6_getpeername",
    "cgroup_unix_getpeername",
    "cgroup_inet4_getsockname",
    "cgroup_inet6_getsockname",
    "cgroup_unix_getsockname",
  ]],
  ["cgroup_sysctl", ["cgroup_sysctl"]],
  ["cgroup_sockopt", ["cgroup_getsockopt", "cgroup_setsockopt"]],
  ["lsm", ["lsm_cgroup"]],
]);

/**
 * Walks every control group that is mounted. Only the attach types that some existing program could
 * have are asked: two or three of thirty on a host with systemd.
 */
export function* surveyCgroups(
  { kernel, host }: { readonly kernel: KernelView; readonly host: Host },
  question: CgroupQuestion,
): Slices<CgroupSurvey> {
  const { hooks: kernelHooks, names } = kernel;
  const asked = [...attachTypesOf]
    .filter(([type]) => question.programTypes === null || question.programTypes.has(type))
    .flatMap(([, attachTypes]) => attachTypes);
  const askable = new Set(asked);
  // what is asked for by attach type, or by an LSM hook's name, may be at any group
  const always = new Set(asked.filter((type) => type === "lsm_cgroup" || question.matches(type)));
  const found: FoundHook[] = [];
  const linkIds = new CgroupLinks(question.links, (value) => names.attachType(value));
  const state = { groups: 0, refused: false, late: false };
  if (askable.size === 0) return { hooks: [], groups: 0, missing: [] };
  if (host.cgroupTree.roots().length === 0) return { hooks: [], groups: 0, missing: [notMounted] };
  for (const group of host.cgroupTree.walk()) {
    state.groups++;
    const isWanted = question.matches(visibleLine(group.path));
    for (const attachType of askable) {
      if (!isWanted && !always.has(attachType)) continue;
      const programs = kernelHooks.ofCgroup(group.fd, attachType, question.scope);
      if (programs === "unknown") askable.delete(attachType);
      if (programs === "refused") state.refused = true;
      if (typeof programs === "string") continue;
      for (const [position, { programId }] of programs.entries()) {
        const linkId = question.scope === "own"
          ? linkIds.take(group.id, attachType, programId)
          : linkIds.only(attachType, programId);
        found.push(describe(group, attachType, position, { programId, linkId }, question));
      }
    }
    state.late = performance.now() > question.deadline;
    if (state.refused || state.late) break;
    yield;
  }
  return { hooks: found, groups: state.groups, missing: missingOf(state) };
}

/** Links of control groups by what they are attached to. */
class CgroupLinks {
  readonly #byGroup: ReadonlyMap<string, number[]>;
  readonly #byProgram: ReadonlyMap<string, number[]>;

  constructor(links: readonly LinkInfo[], nameOf: (attachType: number) => string) {
    const attached = links.flatMap(({ id, programId, target }) => {
      if (target.kind !== "cgroup") return [];
      return [{ id, what: `${nameOf(target.attachType)} ${programId}`, group: target.cgroupId }];
    });
    const idsBy = (keyOf: (link: typeof attached[number]) => string) => {
      const grouped = [...Map.groupBy(attached, keyOf)];
      return new Map(grouped.map(([key, members]) => [key, members.map(({ id }) => id)]));
    };
    this.#byGroup = idsBy(({ group, what }) => `${group} ${what}`);
    this.#byProgram = idsBy(({ what }) => what);
  }

  /** The link of a program at a group; of several that run one program, each is taken once. */
  take(cgroupId: bigint, attachType: string, programId: number): number | null {
    return this.#byGroup.get(`${cgroupId} ${attachType} ${programId}`)?.shift() ?? null;
  }

  /** The link that runs a program anywhere in the tree; null where there are several. */
  only(attachType: string, programId: number): number | null {
    const [link, ...others] = this.#byProgram.get(`${attachType} ${programId}`) ?? [];
    return others.length > 0 ? null : link ?? null;
  }
}

function describe(
  { id, path }: ControlGroup,
  attachType: AttachType,
  position: number,
  { programId, linkId }: { readonly programId: number; readonly linkId: number | null },
  { scope, attachName }: CgroupQuestion,
): FoundHook {
  const shown = visibleLine(path);
  const lsmHook = attachType === "lsm_cgroup" ? attachName(programId) : null;
  const words = [attachType, ...(lsmHook === null ? [] : [lsmHook]), shown];
  return {
    kind: scope === "own" ? "cgroup" : "cgroup_effective",
    place: words.join(" "),
    fields: present({
      attach_type: attachType,
      lsm_hook: lsmHook,
      path: shown,
      cgroup_id: exactInteger(id),
      position,
    }),
    names: [shown, attachType, ...(lsmHook === null ? [] : [lsmHook])],
    programId,
    linkId,
    key: [id, attachOrder.indexOf(attachType), position],
  };
}

const attachOrder = [...attachTypesOf.values()].flat();

const notMounted: Missing = {
  what: "programs of control groups that are attached without a link",
  why: "no cgroup2 file system is mounted here",
  remedy: "mount -t cgroup2 none /sys/fs/cgroup",
};

function missingOf(state: {
  readonly groups: number;
  readonly refused: boolean;
  readonly late: boolean;
}): Missing[] {
  if (state.refused) {
    return [{
      what: "programs of control groups that are attached without a link",
      why: "the kernel refuses BPF_PROG_QUERY",
      remedy: "run with CAP_NET_ADMIN and CAP_BPF in the initial user namespace",
    }];
  }
  if (!state.late) return [];
  return [{
    what: `programs of the control groups behind the first ${state.groups}`,
    why: "looking at those took too long",
    remedy: "give target: a part of the path",
  }];
}
