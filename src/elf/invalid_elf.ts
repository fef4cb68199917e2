// What can be wrong with an object file, each way with its own reason and its own way out.
import { EBPFError, type ErrorContext, validationError } from "../errors.ts";

/** Why bytes are no BPF object. */
export type ElfFault =
  | "empty"
  | "not_elf"
  | "truncated"
  | "wrong_class"
  | "wrong_endianness"
  | "wrong_machine"
  | "wrong_type"
  | "corrupt";

const hints: Readonly<Record<ElfFault, string>> = {
  empty: "Give the bytes of an object made by clang -target bpf -c",
  not_elf: "Give the bytes of an object made by clang -target bpf -c",
  truncated: "The file was cut short: copy or upload it again, and check its size",
  wrong_class: "Compile for 64 bits: clang -target bpf -c",
  wrong_endianness: "Compile for little endian: clang -target bpfel -c",
  wrong_machine: "Compile for BPF, not for the host: clang -target bpf -c",
  wrong_type: "Give the relocatable object that clang -c writes, not a linked file",
  corrupt: "Rebuild the object; a linker or stripper that does not know BPF may have damaged it",
};

/** One fault: what was found (`current`) and what a BPF object has there (`wanted`). */
export interface ElfComplaint {
  subject: string;
  reason: ElfFault;
  /** What has the value, such as `machine` or `section 3`, and the value. */
  current: string;
  wanted: string;
  context?: ErrorContext;
}

/** The error for a fault: validation/invalid_elf with `reason`, `current`, `wanted` and a hint. */
export function invalidElf(complaint: ElfComplaint): EBPFError {
  const { subject, reason, current, wanted, context } = complaint;
  return validationError("invalid_elf", `Cannot read "${subject}": ${current}, wanted ${wanted}`, {
    reason,
    current,
    wanted,
    hint: hints[reason],
    ...context,
  });
}
