// bpftool as a peer.
import { environment } from "../command.ts";

/** Milliseconds that `bpftool -j ARGS` takes with its output thrown away. */
export async function timeBpftool(...args: string[]): Promise<number> {
  const command = new Deno.Command("bpftool", {
    args: ["-j", ...args],
    env: environment(),
    stdout: "null",
  });
  const started = performance.now();
  const { success } = await command.spawn().status;
  if (!success) throw new Error(`bpftool ${args.join(" ")} failed`);
  return performance.now() - started;
}
