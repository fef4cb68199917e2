// A folder of pins of the test's own; everything in it goes with it.
import { bpftool, type Kind } from "./kernel_state.ts";
import { uniqueName } from "./unique_name.ts";

export class PinFolder implements AsyncDisposable {
  private constructor(readonly path: string) {}

  static async make(): Promise<PinFolder> {
    const folder = new PinFolder(`/sys/fs/bpf/${uniqueName()}`);
    await Deno.mkdir(folder.path);
    return folder;
  }

  /** Pins an object; the path of the pin. */
  async add(kind: Kind, id: number): Promise<string> {
    const path = `${this.path}/${kind}_${id}`;
    await bpftool(kind, "pin", "id", String(id), path);
    return path;
  }

  /** Removes every pin. */
  async clear(): Promise<void> {
    for (const { name } of [...Deno.readDirSync(this.path)]) {
      await Deno.remove(`${this.path}/${name}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.clear();
    await Deno.remove(this.path);
  }
}
