// The real processes of the demo. Each reads the kernel's own record of itself and prints it.
import { run } from "../command.ts";

/** What a process read of itself in /proc. */
export interface Testimony {
  readonly pid: number;
  readonly ppid: number;
  readonly comm: string;
  readonly args: readonly string[];
}

const words = [["hello"], ["from", "the", "kernel"], ["\u001b[31mnot red\u001b[0m"]];

/** Starts a few processes in turn; each is a `cat` of its own stat and cmdline. */
export async function startChildren(): Promise<Testimony[]> {
  const testimonies: Testimony[] = [];
  for (const extra of words) {
    // the words are read as files too, which fails harmlessly
    const { stdout } = await run("/bin/cat", ["/proc/self/stat", "/proc/self/cmdline", ...extra]);
    testimonies.push(parse(stdout));
  }
  return testimonies;
}

/** `PID (COMM) STATE PPID …` and, after the newline, the arguments with a NUL behind each. */
function parse(output: string): Testimony {
  const [stat, cmdline = ""] = output.split("\n");
  const match = /^(\d+) \((.*)\) \S (\d+) /.exec(stat);
  const [, pid, comm, ppid] = match ?? ["", "0", "?", "0"];
  const args = cmdline.split("\0").slice(0, -1);
  return { pid: Number(pid), ppid: Number(ppid), comm, args };
}
