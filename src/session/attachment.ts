// One attachment of one program: a link, or several for a perf event on every CPU.
import { readIterator } from "../kernel/attach/read_iterator.ts";
import type { Link, Mechanism } from "../kernel/link.ts";
import { visible } from "../view/text.ts";

export interface AttachmentTraits {
  attachmentId: string;
  /** The object that the program belongs to. */
  objectId: string;
  programId: number;
  programName: string;
  /** What it is attached to, in one line. */
  target: string;
}

export class Attachment implements AsyncDisposable {
  readonly #links: readonly Link[];

  /** Takes ownership of the links. */
  constructor(readonly traits: AttachmentTraits, links: readonly Link[]) {
    this.#links = links;
  }

  /** The kernel's link ids; empty where the kernel has none for this kind. */
  get linkIds(): number[] {
    return this.#links.flatMap((link) => link.ids);
  }

  get mechanism(): Mechanism {
    return this.#links.some((link) => link.mechanism === "perf_ioctl") ? "perf_ioctl" : "bpf_link";
  }

  /** Asks the kernel anew: true when every link exists there and runs the program. */
  confirm(): boolean {
    return this.#links.length > 0 &&
      this.#links.every((link) => link.confirm(this.traits.programId));
  }

  /** What an iterator writes, safe to show; null for what is none. @throws file_read_failed */
  readOutput(mostBytes: number): { text: string; truncated: boolean } | null {
    const [link] = this.#links;
    if (link === undefined || !link.isIterator) return null;
    const { bytes, truncated } = readIterator(link.fd, mostBytes);
    return { text: visible(new TextDecoder().decode(bytes)), truncated };
  }

  /** Detaches all links at once, off the main thread. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#links.map((link) => link[Symbol.asyncDispose]()));
  }
}
