// A program under a test's control: what it does is known, so what a gadget sees of it is too.
import type { TestCgroup } from "./cgroup.ts";
import { switchesAsleep } from "./context_switches.ts";
import { Lines } from "./lines.ts";
import { buildProgram } from "./programs.ts";

const NEWLINE = 10;
const encoder = new TextEncoder();

/** One of tests/testdata/programs, running; see workload.h there. */
export class Workload implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #lines: Lines;
  #ended = false;

  private constructor(child: Deno.ChildProcess, readonly name: string, readonly path: string) {
    this.#child = child;
    this.#writer = child.stdin.getWriter();
    this.#lines = new Lines(child.stdout);
  }

  /**
   * Compiles tests/testdata/programs/NAME.c where that was not done yet, and starts it. It has
   * done all that belongs to its start, and waits for a command.
   */
  static async start(name: string): Promise<Workload> {
    const path = await buildProgram(name);
    const options = { stdin: "piped", stdout: "piped", stderr: "inherit" } as const;
    const workload = new Workload(new Deno.Command(path, options).spawn(), name, path);
    await switchesAsleep(workload.pid);
    return workload;
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Moves it there; what it starts from now on is there too. It must end before the group. */
  async inCgroup(group: TestCgroup): Promise<this> {
    await group.adopt(this.pid);
    return this;
  }

  /** Returns when the command is done, with the words behind "ok". */
  async run(command: string): Promise<string[]> {
    await this.#writer.write(new Uint8Array([...encoder.encode(command), NEWLINE]));
    const answer = await this.#lines.next();
    const [status, ...values] = (answer ?? "ended").split(" ");
    if (status === "ok") return values;
    throw new Error(`${this.name} ${this.pid}: "${command}" answered "${answer}", want "ok"`);
  }

  /** Ends it, and waits for that. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    await this.#writer.close();
    await this.#lines.cancel();
    await this.#child.status;
  }
}
