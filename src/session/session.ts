// Everything that one client made: released together, last made first, when the client is gone.
import type { KernelBtf } from "../kernel/kernel_btf.ts";
import type { Loader } from "../kernel/loader.ts";
import type { Poller } from "../kernel/poller.ts";
import type { RunStatistics } from "../kernel/run_statistics.ts";
import type { KernelNames } from "../kernel/names.ts";
import type { Attachment } from "./attachment.ts";
import { Changes } from "./changes.ts";
import { untilGone } from "./gone.ts";
import { session_limits } from "./limits.ts";
import type { LoadedObject } from "./loaded_object.ts";
import type { SourceServices } from "./object_source.ts";
import { OwnedTable } from "./owned_table.ts";
import type { Symbolizer } from "../symbols/symbolizer.ts";
import { Streams } from "./streams.ts";
import { VerifierLogs } from "./verifier_logs.ts";

/** What sessions share: nothing in it belongs to one of them. */
export interface SessionServices extends SourceServices {
  loader: Loader;
  poller: Poller;
  kernelBtf: KernelBtf;
  kernelNames: KernelNames;
  runStatistics: RunStatistics;
  symbolizer: Symbolizer;
}

export class Session implements AsyncDisposable {
  /** Of what the session owns: made, released, and streams started and ended. */
  readonly changes = new Changes();
  readonly objects = new OwnedTable<LoadedObject>({
    noun: "object",
    notFound: "object_not_found",
    most: session_limits.objects,
    changes: this.changes,
  });
  readonly attachments = new OwnedTable<Attachment>({
    noun: "attachment",
    notFound: "attachment_not_found",
    most: session_limits.attachments,
    changes: this.changes,
  });
  readonly verifierLogs = new VerifierLogs();

  readonly streams: Streams;

  constructor(readonly services: SessionServices) {
    this.streams = new Streams(services.poller, this.changes);
  }

  /**
   * Ends the streams, detaches everything at once, closes the objects, and waits for the kernel to
   * let go. Work in progress releases itself when it is done.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.streams[Symbol.asyncDispose]();
    await this.attachments[Symbol.asyncDispose]();
    const made = this.objects.values().flatMap((object) => object.kernelObjects());
    await this.objects[Symbol.asyncDispose]();
    await untilGone(made);
  }
}
