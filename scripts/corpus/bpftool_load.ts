// The peer: `bpftool prog loadall`, with a bpffs of its own in a mount namespace of its own, so
// that what an object pins by name lands nowhere else and is gone when the namespace is.
import { run } from "../command.ts";
import { ScriptError } from "../script_error.ts";
import { type KernelLists, kernelLists } from "./kernel_lists.ts";

/** What bpftool made of an object: what the kernel then had, or what it said instead. */
export type Outcome<Refusal> =
  | { readonly loaded: KernelLists; readonly refused: null }
  | { readonly loaded: null; readonly refused: Refusal };

const MOUNT_FAILED = 90;
const SHOW_FAILED = 91;

/** Maps are pinned where `LIBBPF_PIN_BY_NAME` wants them too, or the two would contradict. */
const script = `
mount -t bpf bpf /sys/fs/bpf || exit ${MOUNT_FAILED}
bpftool prog loadall "$1" /sys/fs/bpf/loaded_programs pinmaps /sys/fs/bpf >&2 || exit 1
for pin in /sys/fs/bpf/loaded_programs/*; do
  test -e "$pin" || continue
  bpftool -j prog show pinned "$pin" && echo || exit ${SHOW_FAILED}
done
for pin in /sys/fs/bpf/*; do
  case "$pin" in */loaded_programs | *.debug) continue ;; esac
  bpftool -j map show pinned "$pin" && echo || exit ${SHOW_FAILED}
done
`;

/** @throws {ScriptError} when bpftool could not be asked */
export async function loadWithBpftool(path: string): Promise<Outcome<string>> {
  const args = ["--mount", "sh", "-c", script, "sh", path];
  const { code, stdout, stderr } = await run("unshare", args);
  if (code === MOUNT_FAILED || code === SHOW_FAILED) {
    throw new ScriptError(`Cannot ask bpftool about "${path}": ${stderr}`);
  }
  if (code !== 0) return { loaded: null, refused: stderr };
  return {
    loaded: kernelLists(stdout.split("\n").filter((line) => line !== "")),
    refused: null,
  };
}

/** bpftool's version and that of the libbpf in it, in one line. */
export async function bpftoolVersion(): Promise<string> {
  const { stdout } = await run("bpftool", ["version"]);
  return stdout.trim().split("\n").slice(0, 2).join(", ");
}
