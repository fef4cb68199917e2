// A program that answers lines with lines: a C peer, or our server on stdio.
import { environment } from "../command.ts";

export class LineProcess implements AsyncDisposable {
  readonly pid: number;
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: AsyncIterator<string>;

  private constructor(child: Deno.ChildProcess) {
    this.pid = child.pid;
    this.#child = child;
    this.#input = child.stdin.getWriter();
    this.#lines = linesOf(child.stdout);
  }

  /** Starts `program`; what it says on stderr is dropped. */
  static start(program: string, args: readonly string[]): LineProcess {
    const options = { args: [...args], env: environment() };
    const command = new Deno.Command(program, {
      ...options,
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    });
    return new LineProcess(command.spawn());
  }

  async send(line: string): Promise<void> {
    await this.#input.write(new TextEncoder().encode(`${line}\n`));
  }

  /** The next line that the program writes. @throws when it ends instead */
  async receive(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error("the program ended before it answered");
    return value;
  }

  /** Sends a command to a C peer: its answer's two numbers. */
  async ask(command: string): Promise<{ measured: number; count: number }> {
    await this.send(command);
    const [measured = NaN, count = NaN] = (await this.receive()).split(" ").map(Number);
    return { measured, count };
  }

  /** Closes its input and waits for its end. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#input.close();
    await this.#child.status;
    await this.#lines.return?.();
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
