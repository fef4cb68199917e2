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

const DOCKER = "var/lib/docker/containers";
const TASKS = "run/containerd/io.containerd.runtime.v2.task";
/** Namespaces of containerd: those of Kubernetes and of nerdctl. */
const NAMESPACES = ["k8s.io", "default"];
/** containers/storage of root, which Podman and CRI-O share. */
const STORAGE = "var/lib/containers/storage/overlay-containers/containers.json";
const USERDATA = "run/containers/storage/overlay-containers";

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
    return parseDocker(this.#text(`${DOCKER}/${id}/config.v2.json`, MAX_FILE_BYTES));
  }

  #containerd(id: string): ContainerName | null {
    for (const namespace of NAMESPACES) {
      const text = this.#text(`${TASKS}/${namespace}/${id}/config.json`, MAX_FILE_BYTES);
      const found = parseRuntimeSpec(text);
      if (found !== null) return found;
    }
    return null;
  }

  #storage(id: string): ContainerName | null {
    const status = statPath(`${this.#root}${STORAGE}`);
    const stamp = typeof status === "number" ? "" : `${status.inode} ${status.size}`;
    if (stamp !== this.#storedStamp) {
      this.#stored = parseStorage(this.#text(STORAGE, MAX_STORAGE_BYTES));
      this.#storedStamp = stamp;
    }
    return this.#stored.get(id) ?? null;
  }

  #spec(id: string): ContainerName | null {
    const file = `${USERDATA}/${id}/userdata/config.json`;
    return parseRuntimeSpec(this.#text(file, MAX_FILE_BYTES));
  }

  #text(path: string, most: number): string {
    return readText(`${this.#root}${path}`, most) ?? "";
  }
}
