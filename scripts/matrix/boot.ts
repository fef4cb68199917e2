// One boot of one kernel in qemu, under software emulation: no host feature is needed.
import { environment } from "../command.ts";
import { ScriptError } from "../script_error.ts";
import type { GuestKernel } from "./kernel_packages.ts";

const MEMORY_MIB = 2048;

/**
 * Plain `max` panics 6.12 at random under emulation: its cx16 is not atomic enough. Both CPUs take
 * turns on one thread: side by side 7.2 ran, once in four boots, into an int3 that it was patching.
 */
const machine = [
  ...["-accel", "tcg,thread=single", "-cpu", "max,-cx16"],
  ...["-smp", "2", "-m", String(MEMORY_MIB)],
];

/** 5.10 has BPF LSM built in and not in its list; the rest is what Debian lists. */
const kernelLine = [
  "console=ttyS0",
  "quiet",
  "panic=-1",
  "oops=panic",
  "lsm=lockdown,yama,integrity,apparmor,bpf",
].join(" ");

/** What a kernel says when it has died, or has found a fault of its own. */
const fatal = /Kernel panic|Oops:|BUG: |kernel BUG at|general protection fault/;

export interface Boot {
  readonly kernel: GuestKernel;
  readonly archive: string;
  /** Where its console and its report are written. */
  readonly folder: string;
  /** After this it is ended, and red. */
  readonly patienceMs: number;
}

export interface Booted {
  readonly seconds: number;
  readonly report: string;
  readonly console: string;
  /** Why the boot is red whatever its tests said; null when it ended by itself. */
  readonly problem: string | null;
}

/** Boots, waits for the guest to switch itself off, and tells what it wrote. */
export async function boot({ kernel, archive, folder, patienceMs }: Boot): Promise<Booted> {
  const started = performance.now();
  const consolePath = `${folder}/${kernel.name}.console`;
  const reportPath = `${folder}/${kernel.name}.report`;
  const serial = ["-serial", `file:${consolePath}`, "-serial", `file:${reportPath}`];
  const child = new Deno.Command("qemu-system-x86_64", {
    args: [...common(kernel, archive), "-display", "none", ...serial],
    env: environment(),
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const late = setTimeout(() => child.kill("SIGKILL"), patienceMs);
  const said = new Response(child.stderr).text();
  const status = await child.status;
  clearTimeout(late);
  const console = await Deno.readTextFile(consolePath);
  const seconds = (performance.now() - started) / 1000;
  const fault = fatal.exec(console);
  const problem = status.signal !== null
    ? `did not end within ${patienceMs / 1000} s`
    : !status.success
    ? `qemu ended with ${status.code}: ${await said}`
    : fault !== null
    ? `the kernel said: ${lineAt(console, fault.index)}`
    : null;
  return { seconds, console, problem, report: await Deno.readTextFile(reportPath) };
}

/** A prompt inside, on this terminal; returns when the guest is off. */
export async function openShell(kernel: GuestKernel, archive: string): Promise<void> {
  const serial = ["-serial", "mon:stdio", "-serial", "null"];
  const child = new Deno.Command("qemu-system-x86_64", {
    args: [...common(kernel, archive, "MATRIX_SHELL=yes"), "-display", "none", ...serial],
    env: environment(),
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
  const { success, code } = await child.status;
  if (!success) throw new ScriptError(`qemu ended with exit code ${code}`);
}

/** What the kernel does not know of its line becomes the environment of the first process. */
function common(kernel: GuestKernel, archive: string, ...words: readonly string[]): string[] {
  const line = [kernelLine, `MATRIX_KERNEL=${kernel.name}`, ...words].join(" ");
  const files = ["-kernel", kernel.image, "-initrd", archive, "-append", line];
  return [...machine, ...files, "-no-reboot", "-nodefaults", "-nic", "none"];
}

function lineAt(text: string, index: number): string {
  const start = text.lastIndexOf("\n", index) + 1;
  const end = text.indexOf("\n", index);
  return text.slice(start, end < 0 ? undefined : end).trim();
}
