// Names and images of containers, from the files of the runtime that made them.
import { readText, statPath } from "../../../ffi/file.ts";
import type { Container } from "../containers.ts";
import { BoundedMap } from "./bounded_map.ts";
import {
  type ContainerName,
  parseDocker,
  parseRuntimeSpec,
  parseStorage,
} from "./runtime_state.ts";

const MAX_CONTAINERS = 1024;
const MAX_FILE_BYTES = 1 << 20;
const MAX_STORAGE_BYTES = 16 << 20;
const WHOLE_ID = /^[0-9a-f]{64}$/;

/** Docker's own, and of its snap. */
const DOCKER = ["var/lib/docker/containers", "var/snap/docker/common/var-lib-docker/containers"];
/** Where containerd keeps its state: by itself, and inside of k3s and RKE2, k0s and MicroK8s. */
const CONTAINERD = [
  "run/containerd",
  "run/k3s/containerd",
  "run/k0s/containerd",
  "var/snap/microk8s/common/run/containerd",
];
const TASKS = "io.containerd.runtime.v2.task";
/** Namespaces of containerd: those of Kubernetes and of nerdctl. */
const NAMESPACES = ["k8s.io", "default"];
/** containers/storage of root, which Podman and CRI-O share. */
const STORAGE = "var/lib/containers/storage/overlay-containers";
const USERDATA = "run/containers/storage/overlay-containers";
/** What `--rm` and CRI-O make is volatile; a store that is transient lies below /run as a whole. */
const STORED = [STORAGE, USERDATA].flatMap((folder) =>
  ["containers.json", "volatile-containers.json"].map((file) => `${folder}/${file}`)
);

export class ContainerNames {
  readonly #root: string;
  readonly #known = new BoundedMap<string, ContainerName>(MAX_CONTAINERS);
  #stored: ReadonlyMap<string, ContainerName> = new Map();
  #storedStamp = "";

  /** @param root the folder that stands for `/`, ending in a slash */
  constructor(root = "/") {
    this.#root = root;
  }

  /** Null when no file of its runtime is there, or may be read; it is asked again next time. */
  of({ runtime, id }: Container): ContainerName | null {
    if (!WHOLE_ID.test(id)) return null; // lxc and nspawn have names and no ids
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const found = this.#find(runtime, id);
    if (found !== null) this.#known.set(id, found);
    return found;
  }

  #find(runtime: Container["runtime"], id: string): ContainerName | null {
    switch (runtime) {
      case "docker":
        return this.#docker(id);
      case "containerd":
        return this.#containerd(id);
      case "cri-o": // its specification has the pod's namespace too
        return this.#spec(id) ?? this.#storage(id);
      case "podman":
        return this.#storage(id);
      default: // a pod's path does not tell the runtime
        return this.#containerd(id) ?? this.#spec(id) ?? this.#docker(id);
    }
  }

  #docker(id: string): ContainerName | null {
    const files = DOCKER.map((folder) => `${folder}/${id}/config.v2.json`);
    return this.#first(files, parseDocker);
  }

  #containerd(id: string): ContainerName | null {
    const files = CONTAINERD.flatMap((folder) =>
      NAMESPACES.map((namespace) => `${folder}/${TASKS}/${namespace}/${id}/config.json`)
    );
    return this.#first(files, parseRuntimeSpec);
  }

  #storage(id: string): ContainerName | null {
    const stamp = STORED.map((file) => {
      const status = statPath(`${this.#root}${file}`);
      return typeof status === "number" ? "" : `${status.inode} ${status.size}`;
    }).join();
    if (stamp !== this.#storedStamp) {
      const stored = STORED.map((file) => parseStorage(this.#text(file, MAX_STORAGE_BYTES)));
      this.#stored = new Map(stored.flatMap((containers) => [...containers]));
      this.#storedStamp = stamp;
    }
    return this.#stored.get(id) ?? null;
  }

  #spec(id: string): ContainerName | null {
    const file = `${USERDATA}/${id}/userdata/config.json`;
    return parseRuntimeSpec(this.#text(file, MAX_FILE_BYTES));
  }

  #first(
    files: readonly string[],
    parse: (text: string) => ContainerName | null,
  ): ContainerName | null {
    for (const file of files) {
      const found = parse(this.#text(file, MAX_FILE_BYTES));
      if (found !== null) return found;
    }
    return null;
  }

  #text(path: string, most: number): string {
    return readText(`${this.#root}${path}`, most) ?? "";
  }
}
