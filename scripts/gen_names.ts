// Writes down the kernel's names of errors, signals, capabilities and system calls, as clang reads
// them in the kernel's own headers. With --check it compares instead and ends with 1 when they
// differ. What a newer kernel has added stands here, so that every machine's headers give the same.
import { clang } from "./ffi/clang.ts";
import { generatedHeader } from "./generated.ts";
import { repository } from "./paths.ts";
import { say } from "./say.ts";
import { runScript, ScriptError } from "./script_error.ts";
import { exists } from "./tree.ts";

const GENERATOR = "scripts/gen_names.ts";
const X86_HEADERS = "/usr/include/x86_64-linux-gnu";

/** The last ones that every supported machine's headers know. */
const last = { errno: 133, signal: 31, capability: 40 } as const;

/** Second names for the same number. */
const aliases = ["SIGIOT", "SIGPOLL", "SIGUNUSED", "CAP_LAST_CAP"];

/**
 * What arch/arm64/include/uapi/asm/unistd.h asks of the table that most architectures share. Its
 * numbers are those of 64 bits, which the target decides, not of one processor.
 */
const arm64Wants = [
  "RENAMEAT",
  "NEW_STAT",
  "SET_GET_RLIMIT",
  "TIME32_SYSCALLS",
  "SYS_CLONE3",
  "MEMFD_SECRET",
].map((name) => `#define __ARCH_WANT_${name}\n`).join("");

/** From this number on a system call has the same number on every architecture. */
const FIRST_SHARED = 424;

/** Those, in order; what is past 450 is newer than the headers of Linux 6.1. */
const sharedCalls = [
  ["pidfd_send_signal", "io_uring_setup", "io_uring_enter", "io_uring_register", "open_tree"],
  ["move_mount", "fsopen", "fsconfig", "fsmount", "fspick", "pidfd_open", "clone3", "close_range"],
  ["openat2", "pidfd_getfd", "faccessat2", "process_madvise", "epoll_pwait2", "mount_setattr"],
  ["quotactl_fd", "landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self"],
  ["memfd_secret", "process_mrelease", "futex_waitv", "set_mempolicy_home_node", "cachestat"],
  ["fchmodat2", "map_shadow_stack", "futex_wake", "futex_wait", "futex_requeue", "statmount"],
  ["listmount", "lsm_get_self_attr", "lsm_set_self_attr", "lsm_list_modules", "mseal"],
  ["setxattrat", "getxattrat", "listxattrat", "removexattrat", "open_tree_attr", "file_getattr"],
  ["file_setattr", "listns"],
].flat();

interface SystemCallTable {
  /** As Deno calls the architecture; i386 is what 32-bit programs call on x86_64. */
  readonly name: string;
  readonly source: string;
  /** Newer than the headers of Linux 6.1, and below those that are shared. */
  readonly newer: Readonly<Record<number, string>>;
}

const tables: readonly SystemCallTable[] = [
  {
    name: "x86_64",
    source: "#include <asm/unistd_64.h>\n",
    newer: { 335: "uretprobe", 336: "uprobe" },
  },
  {
    name: "i386",
    source: "#include <asm/unistd_32.h>\n",
    newer: {},
  },
  {
    name: "aarch64",
    source: `${arm64Wants}#include <asm-generic/unistd.h>\n`,
    newer: {},
  },
];

/** Macros by name whose value is a decimal number, after every expansion. */
async function numbers(source: string, wanted: RegExp) {
  const args = ["--target=x86_64-linux-gnu", "-idirafter", X86_HEADERS, "-E"];
  const { stdout } = await clang(source, [...args, "-dM"]);
  const names = [...stdout.matchAll(/^#define (\w+) /gm)].map(([, name = ""]) => name);
  const lines = names.filter((name) => wanted.test(name)).map((name) => `"${name}" ${name}\n`);
  const expanded = await clang(`${source}\n${lines.join("")}`, [...args, "-P"]);
  const found = [...expanded.stdout.matchAll(/^"(\w+)" (\d+)$/gm)];
  return found.map(([, name = "", value]) => ({ name, value: Number(value) }));
}

/** Names by number, as far as `most`; "" where there is none. */
function byNumber(found: readonly { name: string; value: number }[], most: number): string[] {
  const names: string[] = [];
  for (const { name, value } of found) {
    if (value > most || aliases.includes(name)) continue;
    const other = names[value];
    if (other !== undefined && other !== name) {
      throw new ScriptError(`${value} is both ${other} and ${name}`);
    }
    names[value] = name;
  }
  return Array.from(names, (name) => name ?? "");
}

/** `#define EWOULDBLOCK EAGAIN`: a second name, which expands to the number of the first. */
async function errnoNames(): Promise<string[]> {
  const source = "#include <asm-generic/errno.h>\n";
  const { stdout } = await clang(source, ["-idirafter", X86_HEADERS, "-E", "-dM"]);
  const found = [...stdout.matchAll(/^#define (E[A-Z0-9]+)\s+(\d+)/gm)];
  const named = found.map(([, name = "", value]) => ({ name, value: Number(value) }));
  return byNumber(named, last.errno);
}

async function systemCalls({ source, newer }: SystemCallTable): Promise<string[]> {
  const found = await numbers(source, /^__NR_(?!syscalls$|arch_specific)/);
  const calls = found.map(({ name, value }) => ({ name: name.replace("__NR_", ""), value }));
  const shared = sharedCalls.map((name, index) => ({ name, value: FIRST_SHARED + index }));
  const added = Object.entries(newer).map(([value, name]) => ({ name, value: Number(value) }));
  const most = FIRST_SHARED + sharedCalls.length - 1;
  return byNumber([...calls, ...added, ...shared], most);
}

function arrayText(name: string, doc: string, names: readonly string[]): string {
  const rows = names.map((one, number) => `  ${JSON.stringify(one)}, // ${number}\n`);
  return `\n/** ${doc} */\nexport const ${name}: readonly string[] = [\n${rows.join("")}];\n`;
}

/** Every file with its text, without line 1. */
async function generateAll(): Promise<Map<string, string>> {
  const signalSource = "#include <asm/signal.h>\n";
  const capabilitySource = "#include <linux/capability.h>\n";
  const signals = await numbers(signalSource, /^SIG(?!RT|STKSZ)[A-Z0-9]+$/);
  const capabilities = await numbers(capabilitySource, /^CAP_[A-Z_]+$/);
  const calls = await Promise.all(tables.map(async (table) => {
    const doc = `By number; "" where ${table.name} has no such call.`;
    return arrayText(`${table.name}SystemCalls`, doc, await systemCalls(table));
  }));
  const one = (name: string, doc: string, names: readonly string[]) => arrayText(name, doc, names);
  return new Map([
    ["src/errno.gen.ts", one("errnoNames", "By number; equal on each.", await errnoNames())],
    [
      "src/view/signals.gen.ts",
      one("signalNames", "By number.", byNumber(signals, last.signal)),
    ],
    [
      "src/view/capabilities.gen.ts",
      one("capabilityNames", "By bit.", byNumber(capabilities, last.capability)),
    ],
    ["src/view/system_calls.gen.ts", calls.join("")],
  ]);
}

async function main(args: readonly string[]): Promise<void> {
  if (!exists(`${X86_HEADERS}/asm/unistd_64.h`)) {
    say("gen: names stay as they are: this machine has no headers of x86_64");
    return;
  }
  const header = await generatedHeader(GENERATOR, ["scripts/ffi/clang.ts"]);
  const stale: string[] = [];
  for (const [path, body] of await generateAll()) {
    const target = new URL(path, repository);
    const text = `${header}\n${body.trimStart()}`;
    if (exists(target.pathname) && await Deno.readTextFile(target) === text) continue;
    stale.push(path);
    if (!args.includes("--check")) await Deno.writeTextFile(target, text);
  }
  if (stale.length === 0) return;
  if (args.includes("--check")) throw new ScriptError(`stale: ${stale.join(", ")}`);
  say(`gen: wrote ${stale.join(", ")}`);
}

if (import.meta.main) await runScript("gen", () => main(Deno.args));
