// A control group of the test's own, wherever this machine has its cgroup v2 file system.
import { uniqueName } from "./unique_name.ts";

export class TestCgroup implements AsyncDisposable {
  private constructor(readonly name: string, readonly path: string) {}

  static async make(name = uniqueName()): Promise<TestCgroup> {
    const group = new TestCgroup(name, `${await mountPoint()}/${name}`);
    await Deno.mkdir(group.path);
    return group;
  }

  async adopt(pid: number): Promise<void> {
    await Deno.writeTextFile(`${this.path}/cgroup.procs`, String(pid));
  }

  /** Its processes must have ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path);
  }
}

async function mountPoint(): Promise<string> {
  const mounts = await Deno.readTextFile("/proc/self/mounts");
  const found = /^\S+ (\S+) cgroup2 /m.exec(mounts)?.[1];
  if (found === undefined) throw new Error("no cgroup v2 file system is mounted");
  return found;
}
