// A process under a test's control: what it does is known, so what a program sees of it is too.
import { Lines } from "./lines.ts";
import { buildTrigger } from "./objects.ts";

/** What `tests/testdata/programs/trigger.c` can be told. */
export type TriggerCommand =
  | `${"getppid" | "getpgid" | "getsid" | "work"} ${number}`
  | `spin ${number}`
  | `connect ${number}`
  | `exec ${string} ${number}`;

const NEWLINE = 10;
const encoder = new TextEncoder();

export class Trigger implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #lines: Lines;
  #ended = false;

  private constructor(child: Deno.ChildProcess, readonly path: string) {
    this.#child = child;
    this.#writer = child.stdin.getWriter();
    this.#lines = new Lines(child.stdout);
  }

  static async start(): Promise<Trigger> {
    const path = await buildTrigger();
    const options = { stdin: "piped", stdout: "piped", stderr: "inherit" } as const;
    return new Trigger(new Deno.Command(path, options).spawn(), path);
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Returns when it is done. */
  async run(command: TriggerCommand): Promise<void> {
    await this.#tell(encoder.encode(command), command);
  }

  /** Takes these bytes (at most 15, no newline) as the process name. */
  async rename(name: string | Uint8Array): Promise<void> {
    const bytes = typeof name === "string" ? encoder.encode(name) : name;
    await this.#tell(new Uint8Array([...encoder.encode("name "), ...bytes]), "name");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    await this.#writer.close();
    await this.#lines.cancel();
    await this.#child.status;
  }

  async #tell(line: Uint8Array, command: string): Promise<void> {
    await this.#writer.write(new Uint8Array([...line, NEWLINE]));
    const answer = await this.#lines.next();
    if (answer === null) throw new Error(`trigger: ended without an answer, pid ${this.pid}`);
    if (answer !== "ok") throw new Error(`trigger: "${command}" answered "${answer}", want "ok"`);
  }
}
