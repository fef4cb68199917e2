// The parts of the tools' answers that the demo reads.
import * as z from "zod";

export const loaded = z.object({
  object_id: z.string(),
  programs: z.array(z.object({
    program_id: z.int(),
    name: z.string(),
    type: z.string(),
    section: z.string(),
    tag: z.string(),
    instructions: z.int(),
  })),
  maps: z.array(z.object({
    map_id: z.int(),
    name: z.string(),
    type: z.string(),
    max_entries: z.int(),
  })),
});

export const attached = z.object({
  attachment_id: z.string(),
  target: z.string(),
  mechanism: z.string(),
  confirmed: z.boolean(),
  links: z.array(z.object({ link_id: z.int() })),
});

export const streamed = z.object({
  stream_id: z.string(),
  events: z.array(z.object({
    pid: z.int(),
    ppid: z.int(),
    comm: z.string(),
    ret: z.int(),
    args: z.array(z.string()),
  })),
  received: z.int(),
  returned: z.int(),
  filtered: z.int(),
  dropped: z.object({ ours: z.int(), kernel: z.int() }),
});

const listed = {
  name: z.string(),
  type: z.string(),
  owners: z.array(z.object({ pid: z.int(), comm: z.string() })),
};

export const inspected = z.object({
  programs: z.object({ items: z.array(z.object({ program_id: z.int(), ...listed })) }),
  maps: z.object({ items: z.array(z.object({ map_id: z.int(), ...listed })) }),
});

export type Loaded = z.output<typeof loaded>;
export type Attached = z.output<typeof attached> & { readonly program_id: number };
export type Streamed = z.output<typeof streamed>;
