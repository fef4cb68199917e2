// What a comparison answers: one disagreement between our tables and C, as one line.

/** A row that disagrees with its header, library or kernel. */
export interface Problem {
  /** Symbol, `struct name.member` or constant. */
  subject: string;
  /** The header that the row's table claims. */
  header: string;
  /** The current and the wanted value. */
  message: string;
}

/** `bpf_link__fd (bpf/libbpf.h): result is u32, wanted i32 (int)` */
export function problemLine({ subject, header, message }: Problem): string {
  return `${subject} (${header}): ${message}`;
}
