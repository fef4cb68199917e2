// A folder of files that a server may read, and a secret one beside it that it may not.
import { mustRun } from "../../scripts/command.ts";
import { buildObject, type ObjectName } from "./objects.ts";

export class ObjectFolder implements AsyncDisposable {
  private constructor(readonly parent: string) {}

  static async make(): Promise<ObjectFolder> {
    const folder = new ObjectFolder(await Deno.makeTempDir({ prefix: "ebpf-mcp-e2e-" }));
    await Deno.mkdir(folder.path);
    await Deno.mkdir(folder.outside);
    return folder;
  }

  /** Where the server may read. */
  get path(): string {
    return `${this.parent}/objects`;
  }

  /** Where it may not. */
  get outside(): string {
    return `${this.parent}/outside`;
  }

  /** Copies a compiled object here; its path. */
  async add(name: ObjectName, as = `${name}.o`): Promise<string> {
    const path = `${this.path}/${as}`;
    await Deno.copyFile(await buildObject(name), path);
    return path;
  }

  async write(name: string, bytes: Uint8Array | string): Promise<string> {
    const path = `${this.path}/${name}`;
    await Deno.writeFile(path, typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes);
    return path;
  }

  /** A file of that many bytes that takes no room on the disk. */
  async writeSparse(name: string, bytes: number): Promise<string> {
    const path = await this.write(name, "");
    await Deno.truncate(path, bytes);
    return path;
  }

  /** A FIFO that nobody reads: opening it would block for ever. */
  async makeFifo(name: string): Promise<string> {
    const path = `${this.path}/${name}`;
    await mustRun("mkfifo", [path]);
    return path;
  }

  async link(name: string, target: string): Promise<string> {
    const path = `${this.path}/${name}`;
    await Deno.symlink(target, path);
    return path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.parent, { recursive: true });
  }
}
