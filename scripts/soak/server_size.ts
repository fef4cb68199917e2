// What a server's process holds: descriptors, memory, threads and BPF objects.
import { heldBy } from "../../tests/support/kernel_state.ts";

export interface ServerSize {
  /** Without sockets, which are the clients' as much as the server's. */
  readonly descriptors: number;
  readonly sockets: number;
  readonly residentMiB: number;
  readonly threads: number;
  /** Programs, maps, links and BTF objects. */
  readonly objects: number;
}

export async function serverSize(pid: number): Promise<ServerSize> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  const number = (field: string) => {
    return Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
  };
  let [descriptors, sockets] = [0, 0];
  for (const { name } of Deno.readDirSync(`/proc/${pid}/fd`)) {
    const target = await Deno.readLink(`/proc/${pid}/fd/${name}`).catch(() => "");
    if (target.startsWith("socket:")) sockets++;
    else descriptors++;
  }
  return {
    descriptors,
    sockets,
    residentMiB: number("VmRSS") / 1024,
    threads: number("Threads"),
    objects: Object.values(heldBy(pid)).flat().length,
  };
}
