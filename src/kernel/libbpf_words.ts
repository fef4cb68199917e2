// What libbpf's warnings mean: the one that names the cause, and what to do about it. libbpf gives
// no codes, only sentences, which have kept their words from 1.1 to 1.7.

interface Meaning {
  /** The parenthesis is the name of what is missing. */
  readonly words: RegExp;
  hint(name: string): string;
}

const missingExtern = (name: string) =>
  `this kernel has no "${name}": declare it __weak in the source and test for it before use, ` +
  "or load on a kernel that has it";

const meanings: readonly Meaning[] = [
  {
    words: /failed to find kernel BTF type ID of '([^']+)'/,
    hint: (name) =>
      `"${name}" is not in this kernel's BTF: renamed, inlined, configured out or in a module ` +
      "that is not loaded; leave the program out by naming the others in programs, or choose " +
      "another target",
  },
  { words: /extern '([^']+)' \(strong\): not resolved/, hint: missingExtern },
  { words: /extern \((?:func|var) ksym\) '([^']+)': not found/, hint: missingExtern },
  {
    words: /missing BPF prog type, check ELF section name '([^']+)'/,
    hint: (name) =>
      `libbpf does not know the section "${name}", which has to say what the program is: ` +
      "xdp, tc, tracepoint/GROUP/NAME, raw_tp/NAME, kprobe/FUNCTION, cgroup_skb/egress, …; " +
      "some need a newer libbpf than system_info shows",
  },
  {
    words: /attach program FD is not set()/,
    hint: () =>
      "a replacement (freplace) is verified against the loaded program that it replaces, and " +
      "load_program takes none: leave it out by naming the others in programs",
  },
  {
    words: /(?:legacy map definitions|bad map relo against '[^']*') in (?:section )?'([^']+)'/,
    hint: (name) =>
      `libbpf 1.0 and later take no maps from SEC("${name}"): write them with __uint(type, …), ` +
      '__type(key, …) and __type(value, …) in SEC(".maps"), and compile with clang -g',
  },
  {
    words: /failed to find BTF for extern '([^']+)'/,
    hint: (name) =>
      `"${name}" is declared here and defined in another object: link them first ` +
      "(bpftool gen object WHOLE.o PART.o …)",
  },
  {
    words: /(?:BTF is required|failed to find valid kernel BTF)()/,
    hint: () =>
      "BTF is missing: compile the object with clang -g; for a kernel that has none of its own " +
      "(/sys/kernel/btf/vmlinux) give btf",
  },
  {
    words: /struct_ops init_kern: struct (\S+) is not found/,
    hint: (name) => `this kernel has no operations "${name}" that a program can implement`,
  },
];

/** Said of every failure, of retries that nobody asked for, and of what does no harm. */
const aside =
  /failed to load|failed to prepare load|program load failed|Retrying without|^elf: skipping/;

/** The first warning that says why, without what is around it; null when none does. */
export function causeOf(lines: readonly string[]): string | null {
  const cause = lines.find((line) => !aside.test(line));
  if (cause === undefined) return null;
  return cause.replace(/^prog '[^']+': /, "").replace(/(: ?|\()-\w+\)?\.?$/, "");
}

/** What to do about the first warning whose meaning is known; null when none is. */
export function hintOf(lines: readonly string[]): string | null {
  for (const line of lines) {
    for (const { words, hint } of meanings) {
      const match = words.exec(line);
      if (match !== null) return hint(match[1]);
    }
  }
  return null;
}

/** The function or hook that the kernel's BTF does not have; null when it was something else. */
export function missingTarget(lines: readonly string[]): string | null {
  for (const line of lines) {
    const match = /failed to find kernel BTF type ID of '([^']+)'/.exec(line);
    if (match !== null) return match[1];
  }
  return null;
}

/** The map that could not be created; null when it was something else. */
export function failedMap(lines: readonly string[]): string | null {
  for (const line of lines) {
    const match = /^map '([^']+)': failed to create/.exec(line);
    if (match !== null) return match[1];
  }
  return null;
}

/** The program that could not be loaded; null when it was something else. */
export function failedProgram(lines: readonly string[]): string | null {
  for (const line of lines) {
    const match = /^prog '([^']+)': /.exec(line);
    if (match !== null) return match[1];
  }
  return null;
}
