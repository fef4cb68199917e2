// A foreign process that keeps a program on a perf event without a link.
import { mustRun } from "../../scripts/command.ts";
import { cacheKey, makeOnce } from "./objects.ts";

const source = new URL("../testdata/programs/perf_holder.c", import.meta.url);
const flags = ["-O1", "-g", "-Wall", "-Werror"];

/** Which event: the arguments of `perf_holder.c` behind the pin. */
export type PerfEventWords =
  | readonly ["tracepoint", id: string]
  | readonly ["uprobe", type: string, file: string, offset: string]
  | readonly ["software"];

export class PerfHolder implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
  }

  /** Returns when the program at `pin` is attached. */
  static async start(pin: string, event: PerfEventWords): Promise<PerfHolder> {
    const key = await cacheKey([source], flags);
    const path = await makeOnce(`${key}/perf_holder`, async (output) => {
      await mustRun("gcc", [...flags, source.pathname, "-o", output.pathname]);
    });
    const options = { stdin: "piped", stdout: "piped", stderr: "inherit" } as const;
    const holder = new PerfHolder(
      new Deno.Command(path, { args: [pin, ...event], ...options }).spawn(),
    );
    const reader = holder.#child.stdout.getReader();
    const { value } = await reader.read();
    await reader.cancel();
    if (new TextDecoder().decode(value) === "ready\n") return holder;
    await holder[Symbol.asyncDispose]();
    throw new Error(`perf_holder ${event.join(" ")}: it did not attach`);
  }

  get pid(): number {
    return this.#child.pid;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.stdin.close();
    await this.#child.status;
  }
}
