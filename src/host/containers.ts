// Where a process lives: its container, pod and systemd unit, as its control group's path tells.
import { readText } from "../../ffi/file.ts";
import { visibleLine } from "../view/text.ts";

export type Runtime =
  | "docker"
  | "containerd"
  | "cri-o"
  | "podman"
  | "lxc"
  | "nspawn"
  /** A pod's container whose path does not name the runtime, as with the cgroupfs driver. */
  | "kubernetes";

export interface Container {
  readonly runtime: Runtime;
  /** The runtime's whole id, or a name where it has only names (lxc, nspawn). */
  readonly id: string;
}

/** What does not apply is absent. */
export interface Residence {
  readonly container?: Container;
  /** The Kubernetes pod's uid, with dashes as the API server writes it. */
  readonly pod?: string;
  /**
   * The innermost systemd service or scope that is not the container's own scope; where there is
   * neither a container nor such a unit, the innermost slice.
   */
  readonly unit?: string;
}

interface Found {
  readonly container: Container;
  readonly segment: number;
}

/** What a path's segment looks like; its group is the id. A hash of 64 digits is a whole id. */
const scopes: readonly (readonly [Runtime, RegExp])[] = [
  ["docker", /^docker-([0-9a-f]{64})(?:\.scope)?$/],
  ["containerd", /^(?:cri-containerd|nerdctl)-([0-9a-f]{64})(?:\.scope)?$/],
  ["containerd", /^[^:]*:cri-containerd:([0-9a-f]{64})$/],
  ["cri-o", /^crio-([0-9a-f]{64})(?:\.scope)?$/],
  ["podman", /^libpod-(?:payload-)?([0-9a-f]{64})(?:\.scope)?$/],
  ["lxc", /^lxc\.payload\.(.+)$/],
  // libvirt registers its virtual machines in the same way: they hold a kernel, not processes
  ["nspawn", /^machine-(?!qemu\\x2d)(.+)\.scope$/],
  ["nspawn", /^systemd-nspawn@(.+)\.service$/],
];

/** With the cgroupfs driver a folder names the runtime and the one in it the container. */
const parents: ReadonlyMap<string, Runtime> = new Map([
  ["docker", "docker"],
  ["libpod_parent", "podman"],
  ["lxc", "lxc"],
  ["lxc.payload", "lxc"],
  ["k8s.io", "containerd"],
  ["default", "containerd"],
]);

/** Amazon's agent has Docker make `/ecs/TASK/ID`. */
const ECS = "ecs";

const WHOLE_ID = /^[0-9a-f]{64}$/;
/** `pod<uid>`, `kubepods-burstable-pod<uid>.slice`; a static pod's uid is a hash without dashes. */
const POD =
  /(?:^|-)pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}|[0-9a-f]{32})(?=$|\.slice)/;
const UNIT = /^[^/]+\.(?:service|scope)$/;
const SLICE = /^[^/]+\.slice$/;
/** A few lines of paths; a controller's path is at most PATH_MAX. */
const MAX_BYTES = 1 << 16;

/** Tells where processes and control groups belong. Nothing is remembered. */
export class Containers {
  /** The residence of a process; empty when it is gone or its groups cannot be read. */
  ofProcess(pid: number): Residence {
    return residenceOfProcess(readText(`/proc/${pid}/cgroup`, MAX_BYTES) ?? "");
  }

  /** The residence of whatever runs in a control group; `path` may begin at any mount point. */
  ofCgroup(path: string): Residence {
    return residenceOfCgroup(path);
  }
}

/**
 * The residence that a /proc/PID/cgroup file tells. A host with cgroup v1 has one path per
 * hierarchy: container and unit are taken from whichever names them, cgroup v2 first.
 */
export function residenceOfProcess(cgroupFile: string): Residence {
  const paths = cgroupFile.split("\n").flatMap((line) => {
    const [, hierarchy, path] = /^(\d+):[^:]*:(.*)$/.exec(line) ?? [];
    return path === undefined ? [] : [{ order: Number(hierarchy), path }];
  });
  const residences = paths
    .sort((a, b) => a.order - b.order) // 0 is cgroup v2, 1 systemd's own of v1
    .map(({ path }) => residenceOfCgroup(path));
  const inContainer = residences.find(({ container }) => container !== undefined);
  const inUnit = residences.find(({ unit }) => unit !== undefined && !SLICE.test(unit));
  if (inContainer === undefined) return inUnit ?? residences.find(({ unit }) => unit) ?? {};
  return inUnit === undefined ? inContainer : { ...inContainer, unit: inUnit.unit };
}

/** The residence that one control group's path tells; the innermost container counts. */
export function residenceOfCgroup(path: string): Residence {
  const segments = path.replace(/ \(deleted\)$/, "").split("/").filter((part) => part !== "");
  const found = findContainer(segments);
  const pod = segments.map((part) => POD.exec(part)?.[1]).findLast((uid) => uid !== undefined);
  const own = found?.segment;
  const unit = segments.findLast((part, index) => index !== own && isUnit(part)) ??
    (found === null ? segments.findLast((part) => SLICE.test(part)) : undefined);
  return {
    ...(found === null ? {} : { container: found.container }),
    ...(pod === undefined ? {} : { pod: withDashes(pod) }),
    ...(unit === undefined ? {} : { unit: visibleLine(unit) }),
  };
}

function findContainer(segments: readonly string[]): Found | null {
  for (let segment = segments.length - 1; segment >= 0; segment--) {
    const name = segments[segment] ?? "";
    for (const [runtime, pattern] of scopes) {
      const id = pattern.exec(name)?.[1];
      if (id !== undefined) return { container: { runtime, id: clean(id) }, segment };
    }
    const runtime = runtimeOfParent(segments, segment);
    if (runtime !== null) return { container: { runtime, id: clean(name) }, segment };
  }
  return null;
}

/** The runtime of a container whose folder is named after its id alone. */
function runtimeOfParent(segments: readonly string[], segment: number): Runtime | null {
  const parent = segments[segment - 1] ?? "";
  const runtime = parents.get(parent);
  // lxc names its containers; a folder of another runtime holds more than containers
  if (runtime === "lxc") return segment === 1 ? runtime : null;
  if (!WHOLE_ID.test(segments[segment] ?? "")) return null;
  if (runtime !== undefined) return runtime;
  if (segments[segment - 2] === ECS) return "docker";
  return POD.test(parent) ? "kubernetes" : null;
}

/** Monitors of containers have scopes too: they are units, in no container. */
function isUnit(segment: string): boolean {
  return UNIT.test(segment);
}

/** systemd writes `-` in a name as `\x2d`. */
function clean(id: string): string {
  return visibleLine(id.replaceAll("\\x2d", "-"));
}

/** A slice's name writes the dashes of a uid as underscores. */
function withDashes(uid: string): string {
  return uid.replaceAll("_", "-");
}
