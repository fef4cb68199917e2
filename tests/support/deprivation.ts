// Commands that run a program without one thing that the host gives.

/** Runs the arguments in a mount namespace, after these commands. */
function inMountNamespace(...commands: readonly string[]): string[] {
  return ["unshare", "--mount", "sh", "-ec", `${commands.join("; ")}; exec "$@"`, "sh"];
}

/** setpriv of older distributions does not know these by name. */
const numbers: ReadonlyMap<string, string> = new Map([
  ["CAP_PERFMON", "cap_38"],
  ["CAP_BPF", "cap_39"],
]);

/** Without capabilities, which not even starting a program as root gives back. */
export function withoutCapabilities(...names: readonly string[]): string[] {
  const list = names.map((name) => {
    return `-${numbers.get(name) ?? name.replace(/^CAP_/, "").toLowerCase()}`;
  }).join(",");
  return ["setpriv", `--bounding-set=${list}`, `--inh-caps=${list}`];
}

const hide = (folder: string) => `if [ -d ${folder} ]; then mount -t tmpfs none ${folder}; fi`;

export const withoutTracefs = inMountNamespace(
  hide("/sys/kernel/tracing"),
  hide("/sys/kernel/debug"),
);

/** Whoever has CAP_SYS_ADMIN still gets BTF by its id. */
export const withoutBtfFiles = inMountNamespace(hide("/sys/kernel/btf"));

export const withoutBtf = [...withoutBtfFiles, ...withoutCapabilities("CAP_SYS_ADMIN")];

export const withoutSymbols = inMountNamespace("mount --bind /dev/null /proc/kallsyms");

/** As nobody. The program's folder may lie where nobody may go: it is brought to /mnt. */
export const withoutRoot = [
  "unshare",
  "--mount",
  "sh",
  "-ec",
  'mount --bind "${1%/*}" /mnt; program="/mnt/${1##*/}"; shift; ' +
  'exec setpriv --reuid=65534 --regid=65534 --clear-groups "$program" "$@"',
  "sh",
];
