// The streams of a session: those that run, and the last that ended, whose rest can be read.
import { resourceError } from "../errors.ts";
import type { Poller } from "../kernel/poller.ts";
import { Changes } from "./changes.ts";
import { EventStream } from "./stream.ts";
import type { StreamOptions } from "./stream_options.ts";
import type { StreamSource } from "./stream_source.ts";
import { type TableOptions, type TableSource, TableStream } from "./table_stream.ts";

/** Events that are taken, or a table that is counted in the kernel. */
export type SessionStream = EventStream | TableStream;

export const stream_limits = {
  /** That run at the same time. */
  running: 16,
  /** That have ended and are kept for reading; older ones go first. */
  ended: 8,
  /** Of one stream's queue. A running stream takes this much memory once it was full. */
  queueBytes: 8 << 20,
  queueEvents: 500_000,
} as const;

export class Streams implements AsyncDisposable {
  readonly #streams = new Map<string, SessionStream>();
  readonly #poller: Poller;
  readonly #changes: Changes;
  #made = 0;
  #closed = false;

  /**
   * @param poller shared by all sessions; not ours to close
   * @param changes is told when a stream starts and when it ends
   */
  constructor(poller: Poller, changes: Changes = new Changes()) {
    this.#poller = poller;
    this.#changes = changes;
  }

  /** All that can still be read, in the order they were started. */
  values(): SessionStream[] {
    return [...this.#streams.values()];
  }

  /**
   * Starts a stream. A map has one reader: a second would take events from the first.
   * @throws resource/map_in_use, limit_exceeded; and as `EventStream` and its `start` do
   */
  start(source: StreamSource, options: StreamOptions): EventStream {
    this.#requireOpen();
    const running = this.#running();
    if (options.mode === "consume") requireFree(source, running);
    requireRoom(running);
    const id = `stream-${++this.#made}`;
    const stream = new EventStream(id, source, options, {
      maxBytes: stream_limits.queueBytes,
      maxEvents: stream_limits.queueEvents,
    });
    stream.start(this.#poller, () => this.#changes.announce());
    this.#keep(stream);
    return stream;
  }

  /** Starts to wait for the end of a table. @throws resource/limit_exceeded */
  startTable(source: TableSource, options: TableOptions): TableStream {
    this.#requireOpen();
    requireRoom(this.#running());
    const stream = new TableStream(`stream-${++this.#made}`, source, options);
    stream.start(() => this.#changes.announce());
    this.#keep(stream);
    return stream;
  }

  #requireOpen(): void {
    if (this.#closed) throw resourceError("cancelled", "Cannot start a stream: the session ended");
  }

  #keep(stream: SessionStream): void {
    this.#streams.set(stream.id, stream);
    this.#forgetOldest();
    this.#changes.announce();
  }

  /** @throws resource/stream_not_found, naming those that there are */
  get(id: string): SessionStream {
    const stream = this.#streams.get(id);
    if (stream !== undefined) return stream;
    throw resourceError("stream_not_found", `This session has no stream "${id}"`, {
      streams: [...this.#streams.keys()],
      hint: `the ${stream_limits.ended} streams that ended last can be read`,
    });
  }

  /** Ends the streams that read one of these maps: for whoever is about to release them. */
  release(mapIds: readonly number[]): void {
    for (const stream of this.#running()) {
      if (stream.mapId !== null && mapIds.includes(stream.mapId)) stream.stop("released");
    }
  }

  #running(): SessionStream[] {
    return this.values().filter((stream) => stream.end === null);
  }

  #forgetOldest(): void {
    const ended = this.values().filter((stream) => stream.end !== null);
    const surplus = Math.max(0, ended.length - stream_limits.ended);
    for (const stream of ended.slice(0, surplus)) this.#streams.delete(stream.id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const streams = this.values().reverse();
    this.#streams.clear();
    await Promise.all(streams.map((stream) => stream[Symbol.asyncDispose]()));
  }
}

function requireRoom(running: readonly SessionStream[]): void {
  if (running.length < stream_limits.running) return;
  throw resourceError("limit_exceeded", `This session runs ${running.length} streams`, {
    limit: stream_limits.running,
    hint: "stop_stream one of them",
  });
}

function requireFree(source: StreamSource, running: readonly SessionStream[]): void {
  const id = source.kind === "text" ? null : source.map.info.id;
  const name = source.kind === "text" ? source.name : source.map.name;
  const reader = running.find((stream) => stream.mapId === id && stream.mapName === name);
  if (reader === undefined) return;
  const what = id === null ? `"${name}"` : `Map ${id} "${name}"`;
  throw resourceError("map_in_use", `${what} is read by ${reader.id} already`, {
    stream_id: reader.id,
    hint: `read_stream ${reader.id}, or stop_stream it first`,
  });
}
