// What bpftool lists, field by field: a field that it has and we do not know fails the test.
import * as z from "zod";
import assert from "node:assert/strict";
import { run } from "../../scripts/command.ts";

/** By bpftool's words for the kinds. */
export const bpftoolRows = {
  prog: z.strictObject({
    id: z.int(),
    type: z.string(),
    name: z.string(),
    tag: z.string(),
    gpl_compatible: z.boolean(),
    loaded_at: z.int(),
    uid: z.int(),
    bytes_xlated: z.int(),
    jited: z.boolean(),
    bytes_jited: z.int().optional(),
    bytes_memlock: z.int(),
    map_ids: z.array(z.int()).optional(),
    btf_id: z.int().optional(),
    pinned: z.array(z.string()).optional(),
    run_time_ns: z.int().optional(), // only while statistics are on
    run_cnt: z.int().optional(),
  }),
  map: z.strictObject({
    id: z.int(),
    type: z.string(),
    name: z.string(),
    flags: z.int(),
    bytes_key: z.int(),
    bytes_value: z.int(),
    max_entries: z.int(),
    bytes_memlock: z.int(),
    frozen: z.int(),
    btf_id: z.int().optional(),
    pinned: z.array(z.string()).optional(),
  }),
  link: z.strictObject({
    id: z.int(),
    type: z.string(),
    prog_id: z.int(),
    tp_name: z.string().optional(),
    cgroup_id: z.int().optional(),
    attach_type: z.union([z.string(), z.int()]).optional(),
    bpf_cookie: z.int().optional(),
    pinned: z.array(z.string()).optional(),
  }),
  btf: z.strictObject({
    id: z.int(),
    size: z.int(),
    prog_ids: z.array(z.int()),
    map_ids: z.array(z.int()),
    kernel: z.boolean(),
    name: z.string().optional(),
  }),
};

const batchError = z.object({ error: z.string() });
/** What a command answered, or what bpftool says of the whole. */
const batchAnswer = z.union([
  z.object({ command: z.array(z.string()), output: z.unknown() }),
  batchError,
]);

/**
 * Runs many commands of bpftool in one process; their answers. It takes an errno that one of them
 * has left for a failure to read the file (7.1): each must have answered, whatever it says of that.
 */
export async function bpftoolBatch(commands: readonly string[]): Promise<unknown[]> {
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(file, commands.map((command) => `${command}\n`).join(""));
    const { stdout, stderr } = await run("bpftool", ["-j", "batch", "file", file]);
    const said = z.array(batchAnswer).parse(JSON.parse(stdout));
    const outputs = said.flatMap((one) => "output" in one ? [one.output] : [])
      .filter((output) => !batchError.safeParse(output).success);
    assert.equal(outputs.length, commands.length, `${stderr}${JSON.stringify(said.at(-1))}`);
    return outputs;
  } finally {
    await Deno.remove(file);
  }
}
