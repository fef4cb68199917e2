// A limit on the memory of a test's own processes, by whichever version of control groups has the
// memory controller here.
import { TestCgroup } from "./cgroup.ts";
import { uniqueName } from "./unique_name.ts";

export class MemoryLimit implements AsyncDisposable {
  readonly #owned: string | null;

  private constructor(owned: string | null) {
    this.#owned = owned;
  }

  /** Limits `pid`, which is in `cgroup`, and what it starts from now on. It must end first. */
  static async set(cgroup: TestCgroup, pid: number, bytes: number): Promise<MemoryLimit> {
    const old = await firstVersion();
    if (old === null) {
      await Deno.writeTextFile(`${cgroup.path}/../cgroup.subtree_control`, "+memory");
      await Deno.writeTextFile(`${cgroup.path}/memory.max`, String(bytes));
      return new MemoryLimit(null);
    }
    const folder = `${old}/${uniqueName()}`;
    await Deno.mkdir(folder);
    const limit = new MemoryLimit(folder);
    await Deno.writeTextFile(`${folder}/memory.limit_in_bytes`, String(bytes));
    await Deno.writeTextFile(`${folder}/cgroup.procs`, String(pid));
    return limit;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#owned !== null) await Deno.remove(this.#owned);
  }
}

/** Where version 1 has the controller; null where version 2 has it. */
async function firstVersion(): Promise<string | null> {
  const mounts = await Deno.readTextFile("/proc/self/mounts");
  return /^\S+ (\S+) cgroup (?:\S*,)?memory[, ]/m.exec(mounts)?.[1] ?? null;
}
