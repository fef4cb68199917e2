// How answers show what was loaded and attached.
import * as z from "zod";

/** The kernel's ids begin at 1 and have 32 bits. */
export const kernelId = z.int().min(1).max(0xffff_ffff);

export const loadedProgram = z.object({
  program_id: z.int().describe("The kernel's id, as bpftool shows it"),
  name: z.string(),
  type: z.string(),
  section: z.string(),
  instructions: z.int().describe("Given to the kernel, subprograms included"),
  verified_instructions: z.int().nullable().describe("Walked by the verifier; null before 5.16"),
  tag: z.string(),
});

export const loadedMap = z.object({
  map_id: z.int(),
  name: z.string(),
  type: z.string(),
  key_bytes: z.int(),
  value_bytes: z.int(),
  max_entries: z.int(),
  flags: z.int(),
});

export const attachmentShape = z.object({
  attachment_id: z.string(),
  program_id: z.int(),
  target: z.string().describe("What it is attached to"),
  mechanism: z.enum(["bpf_link", "perf_ioctl"]),
  links: z.array(z.object({ link_id: z.int() })),
});
