// BPF_OBJ_GET_INFO_BY_FD: what the kernel tells of one object, knowing how much of it was written.
import { libbpf } from "../../ffi/library.ts";
import { textUntilNul } from "../../ffi/memory.ts";
import { fixedBytes, Struct, type StructLayout } from "../../ffi/struct.ts";
import { kernelError } from "../errors.ts";

/** Bit fields share an unsigned int. */
const BITS_BYTES = 4;

/** Fills in what the kernel reads: addresses and sizes of buffers. */
export type Prepare<Field extends string> = (struct: Struct<Field>) => void;

/** One struct, which may be filled by many objects in turn: a walk allocates once. */
export class Info<Field extends string> {
  readonly #struct: Struct<Field>;
  /** The struct as the kernel reads it. */
  readonly #request: Uint8Array;
  readonly #subject: (fd: number) => string;
  readonly #length = fixedBytes(4);
  readonly #lengthView = new DataView(this.#length.buffer);
  #written = 0;

  /** @param subject names the object behind a descriptor in the error */
  constructor(
    layout: StructLayout<Field>,
    subject: (fd: number) => string,
    prepare: Prepare<Field> = () => {},
  ) {
    this.#struct = new Struct(layout);
    this.#subject = subject;
    prepare(this.#struct);
    this.#request = this.#struct.bytes.slice();
  }

  /**
   * Asks the kernel once.
   *
   * @param subject names the object in the error
   * @throws as `read`
   */
  static read<Field extends string>(
    fd: number,
    layout: StructLayout<Field>,
    subject: string,
    prepare?: Prepare<Field>,
  ): Info<Field> {
    const info = new Info(layout, () => subject, prepare);
    info.read(fd);
    return info;
  }

  /**
   * Asks the kernel. What it told of another object before is gone.
   *
   * @param fd descriptor of an object of the layout's kind
   * @throws object_info_failed with the errno
   * @since Linux 4.13 @see bpf(2)
   */
  read(fd: number): void {
    const { bytes, layout } = this.#struct;
    bytes.set(this.#request);
    this.#lengthView.setUint32(0, layout.size, true);
    const result = libbpf().bpf_obj_get_info_by_fd(fd, bytes, this.#length);
    if (result < 0) {
      const subject = this.#subject(fd);
      const message = `Cannot read what the kernel knows of ${subject}`;
      throw kernelError("object_info_failed", message, -result, { subject });
    }
    this.#written = this.#lengthView.getUint32(0, true);
  }

  /** A field of at most 4 bytes that every supported kernel has. */
  number(field: Field): number {
    return this.#struct.number(field);
  }

  /** The same, signed. */
  signed(field: Field): number {
    return this.#struct.signed(field);
  }

  /** A field of 8 bytes that every supported kernel has. */
  bigint(field: Field): bigint {
    return this.#struct.bigint(field);
  }

  /** A field of at most 4 bytes, or null when this kernel is older than it. */
  newerNumber(field: Field): number | null {
    return this.#has(field) ? this.#struct.number(field) : null;
  }

  /** A field of 8 bytes, or null when this kernel is older than it. */
  newerBigint(field: Field): bigint | null {
    return this.#has(field) ? this.#struct.bigint(field) : null;
  }

  /**
   * The bit fields behind a field, which have no address of their own, as one number; null when
   * this kernel is older than they are.
   */
  newerBitsBehind(field: Field): number | null {
    const { layout, bytes } = this.#struct;
    const [offset, size] = layout.fields[field];
    const start = offset + size;
    if (start + BITS_BYTES > this.#written) return null;
    return new DataView(bytes.buffer, start, BITS_BYTES).getUint32(0, true);
  }

  /** A char array up to its NUL. */
  text(field: Field): string {
    const [offset, size] = this.#struct.layout.fields[field];
    const { bytes } = this.#struct;
    let text = "";
    for (let i = offset; i < offset + size; i++) {
      const byte = bytes[i];
      if (byte === 0) return text;
      if (byte >= 0x80) break; // the kernel takes letters, digits, _ and . alone
      text += String.fromCharCode(byte);
    }
    return textUntilNul(this.#struct.field(field));
  }

  /** A byte array in hexadecimal digits. */
  hex(field: Field): string {
    return this.#struct.field(field).toHex();
  }

  #has(field: Field): boolean {
    const [offset, size] = this.#struct.layout.fields[field];
    return offset + size <= this.#written;
  }
}

/** The kernel writes 0 where there is no such object: ids begin at 1. */
export function idOrNull(id: number | null): number | null {
  return id === 0 ? null : id;
}
