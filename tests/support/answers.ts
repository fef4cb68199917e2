// What tests read of the answers. Written down by hand: the server's own schemas are under test.
import * as z from "zod";

const id = z.int().positive();

export const program = z.looseObject({
  program_id: id,
  name: z.string(),
  type: z.string(),
  section: z.string(),
  instructions: z.int(),
  verified_instructions: z.int().nullable(),
  tag: z.string(),
});

export const loaded = z.looseObject({
  object_id: z.string().nullable(),
  name: z.string(),
  programs: z.array(program),
  programs_total: z.int(),
  maps: z.array(z.looseObject({
    map_id: id,
    name: z.string(),
    type: z.string(),
    key_bytes: z.int(),
    value_bytes: z.int(),
    max_entries: z.int(),
    flags: z.int(),
  })),
  maps_total: z.int(),
  truncated: z.boolean(),
  verifier_log: z.string(),
  released: z.boolean(),
});

export type Loaded = z.infer<typeof loaded>;

export const attached = z.looseObject({
  attachment_id: z.string(),
  program_id: id,
  target: z.string(),
  mechanism: z.enum(["bpf_link", "perf_ioctl"]),
  links: z.array(z.object({ link_id: id })),
  confirmed: z.boolean(),
});

export type Attached = z.infer<typeof attached>;

const gone = z.boolean().nullable();

export const detached = z.looseObject({
  attachment_id: z.string().nullable(),
  links: z.array(z.object({ link_id: id, gone })),
});

export type Detached = z.infer<typeof detached>;

export const unloaded = z.looseObject({
  object_id: z.string(),
  object_released: z.boolean(),
  programs: z.array(z.object({ program_id: id, gone })),
  maps: z.array(z.object({ map_id: id, gone })),
  attachments: z.array(z.string()),
});

export type Unloaded = z.infer<typeof unloaded>;

/** A decoded event, or a decoded struct in a map. */
export const fields = z.record(z.string(), z.unknown());

export type Fields = z.infer<typeof fields>;

export const streamed = z.looseObject({
  stream_id: z.string(),
  map_id: id.nullable(),
  events: z.array(fields),
  aggregate: z.looseObject({ rows: z.array(fields), events: z.int() }).nullish(),
  rows: z.array(fields).optional(),
  event_types: z.array(z.object({ name: z.string(), size: z.int() })),
  received: z.int(),
  returned: z.int(),
  aggregated: z.int(),
  filtered: z.int(),
  pending: z.int(),
  undecoded: z.int(),
  dropped: z.object({ ours: z.int(), kernel: z.int().nullable() }),
  missed_runs: z.union([z.int(), z.string()]).nullable(),
  ended_by: z.string().nullable(),
  complete: z.boolean(),
  truncated: z.boolean(),
  next_cursor: z.string().nullable(),
});

export type Streamed = z.infer<typeof streamed>;

export const dumped = z.looseObject({
  map_id: id,
  name: z.string(),
  type: z.string(),
  entries: z.array(z.object({ key: z.unknown(), value: z.unknown() })),
  typed: z.boolean(),
  total: z.int().nullable(),
  truncated: z.boolean(),
  next_cursor: z.string().nullable(),
});

export type Dumped = z.infer<typeof dumped>;

/** Strict: what is not in DESIGN's error shape may not be on the wire. */
export const errorObject = z.strictObject({
  category: z.enum(["validation", "permission", "resource", "kernel", "internal"]),
  code: z.string(),
  message: z.string().min(1),
  recoverable: z.boolean(),
  timestamp: z.iso.datetime(),
  context: z.looseObject({
    errno: z.int().positive().optional(),
    errno_name: z.string().regex(/^(E|LIBBPF_ERRNO__)[A-Z0-9]+$/).optional(),
    hint: z.string().optional(),
    verifier_log: z.string().optional(),
  }),
});

export const errorAnswer = z.strictObject({ error: errorObject });

export type ErrorObject = z.infer<typeof errorObject>;
