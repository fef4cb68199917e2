// What an address in a stack is.

export interface Frame {
  readonly address: bigint;
  /** The function, demangled; null when it is not known. */
  readonly name: string | null;
  /** Bytes from the function's beginning; without one, the place in the module's file. */
  readonly offset: number | null;
  /** The kernel's module, the file's name, `[jit]`, `[vdso]`; null when nothing is mapped there. */
  readonly module: string | null;
  /** Why there is no name. */
  readonly missing?: MissingName;
}

export type MissingName =
  /** The file has no symbols that reach there: it is stripped. */
  | "no symbols"
  /** The address is in no mapping of the process as it is now. */
  | "not mapped"
  /** The process has ended before its memory was looked at. */
  | "process gone"
  /** The file could not be opened, or is none of ELF. */
  | "no file"
  /** This process may not see the kernel's addresses, or nothing is there. */
  | "hidden";

/** One line of a stack: the name, or where it is: `libfoo.so+0x1234 [no symbols]`. */
export function frameText({ address, name, offset, module, missing }: Frame): string {
  if (name !== null) return name;
  const place = module === null
    ? `0x${address.toString(16)}`
    : `${module}+0x${(offset ?? 0).toString(16)}`;
  return missing === undefined ? place : `${place} [${missing}]`;
}
