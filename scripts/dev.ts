// Serves from source over stdio and starts the server anew when a source changes. The client stays
// connected: its initialize is played to each new server. `deno run --watch` cannot do this: the
// server ends on SIGTERM, as it must, and takes the watcher with it.
import * as z from "zod";
import { locked } from "./command.ts";
import { repository } from "./paths.ts";
import { warn } from "./say.ts";

const WATCHED = ["main.ts", "deno.json", "ffi", "src"];

/** Editors write a file in several steps; one restart is enough. */
const SETTLE_MS = 150;

const message = z.object({
  id: z.union([z.string(), z.number()]).optional(),
  method: z.string().optional(),
});
type Message = z.infer<typeof message>;

/** The server that runs now, and what its successor has to know. */
class DevServer {
  #child: Deno.ChildProcess | null = null;
  #stdin: WritableStreamDefaultWriter<Uint8Array> | null = null;
  /** The client's greeting, for the next server. */
  readonly #greeting: string[] = [];
  readonly #unanswered = new Set<string | number>();
  /** The id of the greeting that was played again: its answer is not for the client. */
  #replayed: string | number | undefined;

  async start(): Promise<void> {
    const child = new Deno.Command(Deno.execPath(), {
      args: locked("run", "-A", "main.ts", "serve", ...Deno.args),
      cwd: repository,
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#child = child;
    this.#stdin = child.stdin.getWriter();
    this.#passAnswers(child);
    this.#replayed = this.#greeting.map(parse).find(({ id }) => id !== undefined)?.id;
    for (const line of this.#greeting) await this.#write(line);
  }

  async restart(): Promise<void> {
    warn("dev: a source changed, starting anew");
    await this.stop();
    for (const id of this.#unanswered) {
      const error = { code: -32603, message: "The server was started anew: its source changed" };
      await print(JSON.stringify({ jsonrpc: "2.0", id, error }));
    }
    this.#unanswered.clear();
    await this.start();
  }

  /** Ends the server as a client would that is interrupted. */
  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    this.#stdin = null;
    if (child === null) return;
    try {
      child.kill("SIGTERM");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // it has ended by itself
    }
    await child.status;
  }

  /** Passes one line of the client on. */
  async take(line: string): Promise<void> {
    const { id, method } = parse(line);
    if (method === "initialize") this.#greeting.length = 0;
    if (method === "initialize" || method === "notifications/initialized") {
      this.#greeting.push(line);
    }
    if (id !== undefined && method !== undefined) this.#unanswered.add(id);
    await this.#write(line);
  }

  /** The client has closed its end: so do we, and answer the server's exit code. */
  async end(): Promise<number> {
    const child = this.#child;
    await this.#stdin?.close().catch(() => {});
    return child === null ? 0 : (await child.status).code;
  }

  async #write(line: string): Promise<void> {
    try {
      await this.#stdin?.write(new TextEncoder().encode(`${line}\n`));
    } catch {
      warn("dev: the server has ended; waiting for a change");
    }
  }

  async #passAnswers(child: Deno.ChildProcess): Promise<void> {
    for await (const line of lines(child.stdout)) {
      const { id, method } = parse(line);
      if (id !== undefined && method === undefined) {
        this.#unanswered.delete(id);
        if (id === this.#replayed) {
          this.#replayed = undefined;
          continue;
        }
      }
      await print(line);
    }
  }
}

function parse(line: string): Message {
  try {
    return message.safeParse(JSON.parse(line)).data ?? {};
  } catch {
    return {}; // the server says what is wrong with it
  }
}

async function* lines(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
  if (rest !== "") yield rest;
}

async function print(line: string): Promise<void> {
  const writer = Deno.stdout.writable.getWriter();
  await writer.write(new TextEncoder().encode(`${line}\n`));
  writer.releaseLock();
}

/** One thing after the other: a line that comes during a restart goes to the new server. */
function inTurn(work: () => Promise<void>): Promise<void> {
  turn = turn.then(work);
  return turn;
}

async function restartOnChange(server: DevServer): Promise<void> {
  let timer: number | undefined;
  const paths = WATCHED.map((path) => new URL(path, repository).pathname);
  for await (const { kind } of Deno.watchFs(paths)) {
    if (kind === "access") continue;
    clearTimeout(timer);
    timer = setTimeout(() => inTurn(() => server.restart()), SETTLE_MS);
  }
}

const server = new DevServer();
let turn = server.start();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  Deno.addSignalListener(signal, () => server.stop().then(() => Deno.exit(0)));
}
restartOnChange(server);
for await (const line of lines(Deno.stdin.readable)) await inTurn(() => server.take(line));
await turn;
Deno.exit(await server.end());
