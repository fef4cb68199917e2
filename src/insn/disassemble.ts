// One instruction as text, in the syntax of the kernel's verifier log (kernel/bpf/disasm.c), so
// that what we say about a program can be laid beside what the kernel and bpftool say about it.
import { callOf, type Unresolved, wideKindOf } from "./call.ts";
import { type Instruction, instructions } from "./instruction.ts";
import {
  ALU,
  ATOMIC,
  CLASS,
  classOf,
  JMP,
  MODE,
  modeOf,
  operationOf,
  SIZE,
  sizeOf,
  SOURCE,
  sourceOf,
} from "./opcode.ts";

/** Names to show for ids; an id without a name is shown as `unknown#ID`. */
export interface FunctionNames {
  helpers?: ReadonlyMap<number, string>;
  kfuncs?: ReadonlyMap<number, string>;
}

/** By operation / 16. */
const aluOperators = "+= -= *= /= |= &= <<= >>= neg %= ^= = s>>= end".split(" ");
const jumpOperators: readonly (string | null)[] = [
  null,
  "==",
  ">",
  ">=",
  "&",
  "!=",
  "s>",
  "s>=",
  null,
  null,
  "<",
  "<=",
  "s<",
  "s<=",
];
const sizes: ReadonlyMap<number, string> = new Map<number, string>([
  [SIZE.W, "32"],
  [SIZE.H, "16"],
  [SIZE.B, "8"],
  [SIZE.DW, "64"],
]);
const atomicNames: ReadonlyMap<number, string> = new Map<number, string>([
  [ATOMIC.ADD, "add"],
  [ATOMIC.OR, "or"],
  [ATOMIC.AND, "and"],
  [ATOMIC.XOR, "xor"],
]);
const unresolvedNames: Readonly<Record<Unresolved, string>> = {
  core_relocation: "unresolved CO-RE relocation",
  map: "unresolved map",
  kfunc: "unresolved kernel function",
};

/** BPF_ADDR_SPACE_CAST and the kernel's own BPF_ADDR_PERCPU, in `offset` of a 64-bit move. */
const ADDR_SPACE_CAST = 1;
const ADDR_PERCPU = -1;

/** The text of one instruction; `invalid 0xNN` for an opcode that no kernel known here has. */
export function disassemble(instruction: Instruction, names: FunctionNames = {}): string {
  return text(instruction, names) ?? `invalid 0x${hex(instruction.opcode)}`;
}

/** Lines as the verifier prints them, `7: (b7) r0 = 0`, from one image. */
export function* disassembly(image: Uint8Array, names: FunctionNames = {}): Generator<string> {
  for (const instruction of instructions(image)) {
    const { index, opcode } = instruction;
    yield `${index}: (${hex(opcode)}) ${disassemble(instruction, names)}`;
  }
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

function signed(value: number): string {
  return value < 0 ? `${value}` : `+${value}`;
}

function text(instruction: Instruction, names: FunctionNames): string | null {
  switch (classOf(instruction.opcode)) {
    case CLASS.LD:
      return legacyOrWideLoad(instruction);
    case CLASS.LDX:
      return load(instruction);
    case CLASS.ST:
      return storeImmediate(instruction);
    case CLASS.STX:
      return modeOf(instruction.opcode) === MODE.ATOMIC ? atomic(instruction) : store(instruction);
    case CLASS.ALU:
    case CLASS.ALU64:
      return alu(instruction);
    default:
      return callText(instruction, names) ?? jump(instruction);
  }
}

function memory(type: string, opcode: number, register: number, offset: number): string {
  return `(${type}${sizes.get(sizeOf(opcode))} *)(r${register} ${signed(offset)})`;
}

function legacyOrWideLoad(instruction: Instruction): string | null {
  const { opcode, dst, src, imm } = instruction;
  const type = `u${sizes.get(sizeOf(opcode))}`;
  if (modeOf(opcode) === MODE.ABS) return `r0 = *(${type} *)skb[${imm}]`;
  if (modeOf(opcode) === MODE.IND) return `r0 = *(${type} *)skb[r${src} + ${imm}]`;
  const value = wideValue(instruction);
  return value === null ? null : `r${dst} = ${value}`;
}

function wideValue(instruction: Instruction): string | null {
  const { imm, imm64 } = instruction;
  if (imm64 === null) return null;
  const low = imm >>> 0;
  const high = imm64 >> 32n;
  switch (wideKindOf(instruction)) {
    case "map_fd":
      return `map[fd:${low}]`;
    case "map_value":
      return `map[fd:${low}][0]+${high}`;
    case "map_index":
      return `map[idx:${low}]`;
    case "map_index_value":
      return `map[idx:${low}][0]+${high}`;
    case "btf_id":
      return `btf[id:${low}]`;
    case "function":
      return `subprog[${signed(imm)}]`;
    default:
      return `0x${imm64.toString(16)}`;
  }
}

function load({ opcode, dst, src, offset }: Instruction): string | null {
  const mode = modeOf(opcode);
  if (mode === MODE.MEM) return `r${dst} = *${memory("u", opcode, src, offset)}`;
  const sign = mode === MODE.MEMSX && sizeOf(opcode) !== SIZE.DW;
  return sign ? `r${dst} = *${memory("s", opcode, src, offset)}` : null;
}

function storeImmediate({ opcode, dst, offset, imm }: Instruction): string | null {
  return modeOf(opcode) === MODE.MEM ? `*${memory("u", opcode, dst, offset)} = ${imm}` : null;
}

function store({ opcode, dst, src, offset }: Instruction): string | null {
  return modeOf(opcode) === MODE.MEM ? `*${memory("u", opcode, dst, offset)} = r${src}` : null;
}

function atomic({ opcode, dst, src, offset, imm }: Instruction): string | null {
  const place = memory("u", opcode, dst, offset);
  const width = sizeOf(opcode) === SIZE.DW ? "64" : "";
  switch (imm) {
    case ATOMIC.XCHG:
      return `r${src} = atomic${width}_xchg(${place}, r${src})`;
    case ATOMIC.CMPXCHG:
      return `r0 = atomic${width}_cmpxchg(${place}, r0, r${src})`;
    case ATOMIC.LOAD_ACQUIRE:
      return `r${dst} = load_acquire(${memory("u", opcode, src, offset)})`;
    case ATOMIC.STORE_RELEASE:
      return `store_release(${place}, r${src})`;
  }
  const name = atomicNames.get(imm & ~ATOMIC.FETCH);
  if (name === undefined) return null;
  return (imm & ATOMIC.FETCH) !== 0
    ? `r${src} = atomic${width}_fetch_${name}(${place}, r${src})`
    : `lock *${place} ${aluOperators[imm >> 4]} r${src}`;
}

function alu(instruction: Instruction): string | null {
  const { opcode, dst, src, offset, imm } = instruction;
  const isWide = classOf(opcode) === CLASS.ALU64;
  const register = isWide ? "r" : "w";
  const operation = operationOf(opcode);
  if (operation === ALU.END) {
    const order = sourceOf(opcode) === SOURCE.X ? "be" : "le";
    return `r${dst} = ${isWide ? "bswap" : order}${imm} r${dst}`;
  }
  if (operation === ALU.NEG) return `${register}${dst} = -${register}${dst}`;
  const plain = aluOperators.at(operation >> 4);
  if (plain === undefined) return null;
  const isDivision = operation === ALU.DIV || operation === ALU.MOD;
  const operator = isDivision && offset === 1 ? `s${plain}` : plain;
  if (sourceOf(opcode) === SOURCE.K) return `${register}${dst} ${operator} ${imm}`;
  if (operation === ALU.MOV && isWide) {
    if (offset === ADDR_SPACE_CAST) {
      return `r${dst} = addr_space_cast(r${src}, ${imm >>> 16}, ${imm & 0xffff})`;
    }
    if (offset === ADDR_PERCPU) return `r${dst} = &(void __percpu *)(r${src})`;
  }
  const isExtension = operation === ALU.MOV && (offset === 8 || offset === 16 || offset === 32);
  return `${register}${dst} ${operator} ${isExtension ? `(s${offset})` : ""}${register}${src}`;
}

function callText(instruction: Instruction, names: FunctionNames): string | null {
  const call = callOf(instruction);
  switch (call?.kind) {
    case "helper":
      return `call ${names.helpers?.get(call.id) ?? "unknown"}#${call.id}`;
    case "kfunc":
      return `call ${names.kfuncs?.get(call.id) ?? "unknown"}#${call.id}`;
    case "subprogram":
      return `call pc${signed(instruction.imm)}`;
    case "poison":
      return `call <${unresolvedNames[call.unresolved]}>#${instruction.imm}`;
    default:
      return null;
  }
}

function jump({ opcode, dst, src, offset, imm }: Instruction): string | null {
  const isWide = classOf(opcode) === CLASS.JMP;
  const operation = operationOf(opcode);
  const hasRegister = sourceOf(opcode) === SOURCE.X;
  if (operation === JMP.JA) {
    if (hasRegister) return isWide ? `gotox r${dst}` : null;
    return isWide ? `goto pc${signed(offset)}` : `gotol pc${signed(imm)}`;
  }
  if (operation === JMP.EXIT) return isWide && !hasRegister ? "exit" : null;
  if (operation === JMP.JCOND) {
    return isWide && !hasRegister && src === 0 ? `may_goto pc${signed(offset)}` : null;
  }
  const operator = jumpOperators.at(operation >> 4) ?? null;
  if (operator === null) return null;
  const register = isWide ? "r" : "w";
  const operand = hasRegister ? `${register}${src}` : `0x${(imm >>> 0).toString(16)}`;
  return `if ${register}${dst} ${operator} ${operand} goto pc${signed(offset)}`;
}
