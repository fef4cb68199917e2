// C constants as our source writes them down: `const EPOLLIN = 1;`, `O_RDWR: 2,`.

/** A constant with a literal value. */
export interface SourceConstant {
  name: string;
  value: bigint;
  /** Path below the repository. */
  file: string;
}

/** Headers whose constants our source uses. */
export const CONSTANT_HEADERS: readonly string[] = [
  "errno.h",
  "fcntl.h",
  "linux/bpf.h",
  "linux/if_link.h",
  "linux/netlink.h",
  "linux/openat2.h",
  "linux/perf_event.h",
  "linux/pkt_cls.h",
  "linux/rtnetlink.h",
  "linux/tc_act/tc_bpf.h",
  "sys/epoll.h",
  "sys/eventfd.h",
  "sys/mman.h",
  "sys/resource.h",
  "sys/stat.h",
  "unistd.h",
];

const DECLARED = /^(?:export )?const ([A-Z][A-Z0-9_]+) = ([^;]+);/gm;
const LISTED = /^ +([A-Z][A-Z0-9_]+): ([^,]+),$/gm;
const LITERAL = /^-?(?:0x[0-9a-f]+|0o[0-7]+|[0-9_]+)$/i;

/** The constants in one source text; those that are computed from others are left out. */
export function constantsOf(source: string, file: string): SourceConstant[] {
  const found: SourceConstant[] = [];
  for (const pattern of [DECLARED, LISTED]) {
    for (const [, name = "", text = ""] of source.matchAll(pattern)) {
      const value = literalValue(text);
      if (value !== undefined) found.push({ name, value, file });
    }
  }
  return found;
}

/** A number, or one number shifted by another. */
function literalValue(text: string): bigint | undefined {
  const parts = text.replace(/(?<=[0-9a-f])n\b/gi, "").split(" << ");
  if (parts.length > 2 || !parts.every((part) => LITERAL.test(part))) return undefined;
  const [base = 0n, shift = 0n] = parts.map(integer);
  return base << shift;
}

function integer(text: string): bigint {
  const digits = text.replaceAll("_", "");
  return digits.startsWith("-") ? -BigInt(digits.slice(1)) : BigInt(digits);
}
