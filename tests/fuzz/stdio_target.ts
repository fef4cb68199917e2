// What a client writes: a whole session, read in pieces as a pipe gives them.
import { LineReader } from "../../src/server/line_reader.ts";
import { Connection } from "../../src/server/connection.ts";
import { LateConnection } from "../../src/server/late_connection.ts";
import { Registry } from "../../src/server/registry.ts";
import { serveStdio } from "../../src/server/serve_stdio.ts";
import { ChunkReader, LineSink } from "../unit/server/pipes.ts";
import { configure, echo, load, sampleServices, unpin } from "../unit/server/sample_tools.ts";
import { ByteSource } from "./byte_source.ts";
import { joined } from "./mutate.ts";
import { expect } from "./oracle.ts";
import { Random } from "./random.ts";
import { checkAnswers } from "./rpc_answers.ts";
import { someLines } from "./rpc_lines.ts";
import { answersWanted, splitLines } from "./rpc_model.ts";
import type { Depth, Prepared, Target } from "./target.ts";

/** What is kept of each end of a line that is too long. */
const END_BYTES = 256;
/** As large as what the transport reads at once. */
const CHUNK_BYTES = 64 * 1024;

export const stdioTarget: Target = {
  name: "stdio",
  files: [
    "src/server/line_reader.ts",
    "src/server/line_writer.ts",
    "src/server/serve_stdio.ts",
    "src/server/stdio.ts",
    "src/server/wire.ts",
  ],
  cases: { short: 1_500, long: 1_000_000 },
  processes: 2,
  caseMs: 250,
  clock: "processor",
  prepare: () => Promise.resolve(new StdioFuzz()),
};

class StdioFuzz implements Prepared {
  readonly #registry = new Registry([echo, load, unpin]);

  /** `u32 how the input is cut, input`. */
  make(random: Random): Uint8Array<ArrayBuffer> {
    return joined(random.bytes(4), someLines(random));
  }

  async run(input: Uint8Array<ArrayBuffer>): Promise<Depth> {
    const source = new ByteSource(input);
    const random = new Random(`cut ${source.u32()}`);
    const stream = source.rest(input.length);
    const chunks = cut(random, stream);
    checkLines(random.between(1, 400), stream, chunks);
    const services = sampleServices(configure());
    const sink = new LineSink(random.between(1, 64) * 64);
    await serveStdio({
      connection: LateConnection.of(new Connection(this.#registry, services)),
      input: new ChunkReader(chunks),
      output: sink,
      ending: new AbortController().signal,
    });
    expect(services.released() === 1, () => `released ${services.released()} times`);
    const wanted = answersWanted(stream);
    checkAnswers(sink.text, wanted);
    return wanted.lines > 0 && wanted.messages * 2 >= wanted.lines ? "past" : "refused";
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

/** The input in one piece, or in a few of any size. */
function cut(random: Random, input: Uint8Array): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  const most = random.once(2) ? CHUNK_BYTES : random.between(1, 300);
  for (let at = 0; at < input.length;) {
    const size = Math.min(random.between(1, most), CHUNK_BYTES);
    chunks.push(input.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

/** The reader of lines gives what cutting the whole at once gives, and of long ones the ends. */
function checkLines(limit: number, input: Uint8Array, chunks: readonly Uint8Array[]): void {
  const reader = new LineReader(limit);
  const found: string[] = [];
  const keep = (line: ReturnType<LineReader["end"]>) => {
    if (line === null) return;
    if (line.kind === "line") found.push(line.bytes.toHex());
    else found.push(`${line.size} ${line.ends.head.toHex()} ${line.ends.tail.toHex()}`);
  };
  for (const chunk of chunks) for (const line of reader.push(chunk)) keep(line);
  keep(reader.end());
  const wanted = splitLines(input).map((line) => {
    const isCut = input[line.byteOffset - input.byteOffset + line.length] === 13;
    const size = line.length + (isCut ? 1 : 0);
    return size <= limit ? line.toHex() : ends(input, line, size);
  });
  expect(found.join() === wanted.join(), () => `lines differ at limit ${limit}`);
}

/** What is kept of a line that is too long, with the CR that `splitLines` took off. */
function ends(input: Uint8Array, line: Uint8Array, size: number): string {
  const start = line.byteOffset - input.byteOffset;
  const whole = input.subarray(start, start + size);
  const [head, tail] = [whole.subarray(0, END_BYTES), whole.subarray(-END_BYTES)];
  return `${size} ${head.toHex()} ${tail.toHex()}`;
}
