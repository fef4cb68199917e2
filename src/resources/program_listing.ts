// A program's translated code as lines: functions, the source they are from, instructions.
import type { Btf } from "../btf/btf.ts";
import { declarationText, typeText } from "../btf/type_text.ts";
import type { AddressNames } from "../host/kernel_addresses.ts";
import { type Instruction, instructionCount, instructions } from "../insn/instruction.ts";
import { type CallNames, disassembleTranslated } from "../insn/translated.ts";
import { CLASS, classOf, JMP, operationOf } from "../insn/opcode.ts";
import type { ProgramDump } from "../kernel/program_dump.ts";

/** Lines of one instruction: what stands above it, and itself. */
export interface Listed {
  readonly index: number;
  readonly lines: readonly string[];
}

/** What a listing asks of names of kernel addresses. */
export type CalledNames = Pick<AddressNames, "at" | "callBase">;

/** `src` of a call: BPF_PSEUDO_CALL. */
const PSEUDO_CALL = 1;
/** kernel/bpf/verifier.c, jit_subprogs: the name of a function that has none. */
const NAMELESS = "F";

export class ProgramListing {
  readonly #dump: ProgramDump;
  readonly #names: CallNames;

  /**
   * @param called names of the kernel's addresses, which `callsKernel` tells the need of
   * @param helper the name of a helper by its number
   */
  constructor(dump: ProgramDump, called: CalledNames, helper: (id: number) => string | null) {
    this.#dump = dump;
    const { callBase } = called;
    this.#names = {
      helper,
      kernelFunction(distance) {
        return callBase === null ? null : called.at(callBase + BigInt(distance));
      },
      subprogram: (index) => this.#subprogram(index),
    };
  }

  /** Instructions as the kernel counts them: a 64-bit load is two. */
  get total(): number {
    return instructionCount(this.#dump.image);
  }

  /** Instructions from this number on, each with what stands above it. */
  *from(first: number): Generator<Listed> {
    const functions = new Map(this.#dump.functions.map((start) => [start.first, start.typeId]));
    const places = new Map(this.#dump.lines.map((start) => [start.first, start]));
    let above = "";
    for (const instruction of instructions(this.#dump.image)) {
      const { index, opcode } = instruction;
      const lines: string[] = [];
      const typeId = functions.get(index);
      if (typeId !== undefined) {
        above = "";
        lines.push(`${prototype(this.#dump.btf, typeId) ?? `function_${index}()`}:`);
      }
      const place = places.get(index);
      const source = place === undefined ? null : this.#source(place.textAt);
      if (source !== null && source !== above) lines.push(`; ${above = source}`);
      if (index < first) continue;
      const code = opcode.toString(16).padStart(2, "0");
      lines.push(`${index}: (${code}) ${disassembleTranslated(instruction, this.#names)}`);
      yield { index, lines };
    }
  }

  /** The file of source that the program's first line is in; null when nobody knows. */
  get file(): string | null {
    const [start] = this.#dump.lines;
    return start === undefined ? null : this.#text(start.fileAt);
  }

  /** Null for what is no line: the compiler's own instructions have an empty one. */
  #source(offset: number): string | null {
    return this.#text(offset) || null;
  }

  #text(offset: number): string | null {
    const { btf } = this.#dump;
    return btf === null || offset >= btf.stringsLength ? null : btf.line(offset);
  }

  /**
   * What kallsyms calls a function once it is machine code: its tag, and its name where BTF has it.
   * The first is never called: a kernel that hides addresses gives its number for all.
   */
  #subprogram(index: number): string | null {
    const { functions, functionTags, btf } = this.#dump;
    const tag = functionTags[index];
    if (tag === undefined || index === 0) return null;
    const typeId = functions[index]?.typeId;
    const isKnown = btf !== null && typeId !== undefined && isFunction(btf, typeId);
    return `bpf_prog_${tag}_${isKnown ? btf.name(typeId) : NAMELESS}`;
  }
}

/** Whether any instruction calls a function of the kernel. */
export function callsKernel({ image }: ProgramDump): boolean {
  for (const instruction of instructions(image)) if (isKernelCall(instruction)) return true;
  return false;
}

function isKernelCall({ opcode, src }: Instruction): boolean {
  return classOf(opcode) === CLASS.JMP && operationOf(opcode) === JMP.CALL && src !== PSEUDO_CALL;
}

function isFunction(btf: Btf, typeId: number): boolean {
  return typeId < btf.typeCount && btf.kind(typeId) === "func";
}

/** `int handle_exec(struct trace_event_raw_sys_enter *ctx)`. */
function prototype(btf: Btf | null, typeId: number): string | null {
  if (btf === null || !isFunction(btf, typeId)) return null;
  const type = btf.pointee(typeId);
  if (btf.kind(type) !== "func_proto") return btf.name(typeId);
  const parameters = btf.parameters(type).map(({ name, type: of }) => {
    return of === 0 ? "..." : declarationText(btf, of, name);
  });
  return `${typeText(btf, btf.pointee(type))} ${btf.name(typeId)}(${parameters.join(", ")})`;
}
