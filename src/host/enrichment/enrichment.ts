// What the numbers in events stand for on this host. Asked when an answer is made, not per event;
// what is kept is bounded, and looked at again when it may have changed.
import { visibleLine } from "../../view/text.ts";
import { ContainerNames } from "./container_names.ts";
import { ControlGroups, type Group } from "./control_groups.ts";
import { Processes, type ProcessFacts } from "./processes.ts";
import type { ContainerName } from "./runtime_state.ts";
import { parseServices, parseUsers, TextTable } from "./text_table.ts";
import { commonService, FIRST_EPHEMERAL, type Transport } from "../../view/service_names.ts";
import type { Container } from "../containers.ts";

export type { ContainerName, Group, ProcessFacts };

export class Enrichment {
  readonly #processes = new Processes();
  readonly #groups = new ControlGroups();
  readonly #containers = new ContainerNames();
  readonly #users = new TextTable("/etc/passwd", parseUsers);
  readonly #services = new TextTable("/etc/services", parseServices);

  /**
   * Null for one that is gone, and for every one when we are not in the initial pid namespace,
   * whose numbers events have.
   */
  process(pid: number): ProcessFacts | null {
    return this.#processes.areOurs ? this.#processes.of(pid) : null;
  }

  /** Its parent, that one's parent and so on, at most 16. */
  ancestors(pid: number): ProcessFacts[] {
    return this.#processes.areOurs ? this.#processes.ancestors(pid) : [];
  }

  /** What an open descriptor of a process leads to now; null when it is not open any more. */
  openFile(pid: number, fd: number): string | null {
    return this.#processes.areOurs ? this.#processes.openFile(pid, fd) : null;
  }

  /** A path as a process gave it, made whole by the folder that it is in now. */
  wholePath(pid: number, path: string): string {
    if (path.startsWith("/") || path === "" || !this.#processes.areOurs) return path;
    const folder = this.#processes.workingFolder(pid);
    return folder === null ? path : `${folder === "/" ? "" : folder}/${path}`;
  }

  /** Control groups by id, those that exist now. */
  groups(ids: Iterable<bigint>): ReadonlyMap<bigint, Group> {
    return this.#groups.of(ids);
  }

  /** What a container's runtime calls it; null when its files do not tell or may not be read. */
  containerName(container: Container): ContainerName | null {
    return this.#containers.of(container);
  }

  /** The name that the host has for a user id. Containers may have others for the same id. */
  user(uid: number): string | null {
    const name = this.#users.read().get(uid);
    return name === undefined ? null : visibleLine(name);
  }

  /**
   * `https` for port 443, by the host's own file, else by what is common. Null for ports that
   * clients get: there a name would say nothing.
   */
  service(port: number, transport: Transport): string | null {
    if (port >= FIRST_EPHEMERAL) return null;
    const name = this.#services.read().get(`${port}/${transport}`);
    return name === undefined ? commonService(port, transport) : visibleLine(name);
  }
}
