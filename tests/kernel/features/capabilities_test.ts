// The capabilities that the lists name for each type: with one of them taken away the kernel
// refuses exactly the types that name it, and the answer says what to do.
import assert from "node:assert/strict";
import * as z from "zod";
import { mustRun } from "../../../scripts/command.ts";
import { kernelTest } from "../../support/kernel_test.ts";
import { launch } from "../../support/server_command.ts";

const row = z.looseObject({
  name: z.string(),
  accepted: z.boolean().nullable(),
  errno_name: z.string().optional(),
  why: z.string().optional(),
  capability: z.string(),
});
const missing = z.array(z.object({ what: z.string(), why: z.string(), remedy: z.string() }));
const answer = z.looseObject({
  program_types: z.array(row).optional(),
  map_types: z.array(row).optional(),
  next_cursor: z.string().nullable(),
  missing,
});
type Answer = z.infer<typeof answer>;
type Row = z.infer<typeof row>;

const tools = ["list_bpf_program_types", "list_bpf_map_types"] as const;
/** Capabilities that are asked for, and which others stand for them. */
const capabilities = ["bpf", "perfmon", "net_admin"] as const;

/** Every row, from a process that never had these capabilities. */
async function rowsWithout(tool: string, lacking: readonly string[]) {
  const rows: Row[] = [];
  let last: Answer;
  let cursor: string | null = null;
  do {
    const taken = lacking.map((name) => `-${name}`).join(",");
    const setpriv = lacking.length === 0
      ? []
      : ["setpriv", `--bounding-set=${taken}`, `--inh-caps=${taken}`];
    const args = JSON.stringify(cursor === null ? {} : { cursor });
    const command = launch(["call", tool, args], setpriv);
    last = answer.parse(JSON.parse(await mustRun(command.program, command.args)));
    rows.push(...last.program_types ?? last.map_types ?? []);
    cursor = last.next_cursor;
  } while (cursor !== null);
  return { rows, missing: last.missing };
}

for (const tool of tools) {
  kernelTest(`${tool}: names the capabilities that the kernel wants, type by type`, async () => {
    const all = await rowsWithout(tool, []);
    assert.deepEqual(all.missing, []);
    const before = new Map(all.rows.map(({ name, accepted }) => [name, accepted]));
    for (const capability of capabilities) {
      const named = `CAP_${capability.toUpperCase()}`;
      const { rows } = await rowsWithout(tool, ["sys_admin", capability]);
      assert.equal(rows.length, all.rows.length);
      for (const { name, accepted, capability: wanted, errno_name, why } of rows) {
        if (before.get(name) === false && errno_name !== "EPERM") {
          assert.equal(accepted, false, `${name} is not there, whoever asks`);
        } else if (wanted.includes(named)) {
          assert.equal(accepted, null, `${name} wants ${named}, and was taken without`);
          assert.equal(errno_name, "EPERM", name);
          assert.ok(why?.includes(named), `${name}: ${why}`);
        } else {
          assert.equal(accepted, before.get(name), `${name} does not want ${named}`);
        }
      }
    }
  });

  kernelTest(`${tool}: without capabilities says of each type what is missing`, async () => {
    const nothing = ["sys_admin", ...capabilities];
    const { rows, missing } = await rowsWithout(tool, nothing);
    assert.equal(rows.filter(({ accepted }) => accepted === true).length, 0);
    assert.ok(rows.filter(({ accepted }) => accepted === null).length >= 29);
    const [told] = missing;
    assert.match(told?.remedy ?? "", /run as root, or with CAP_BPF, CAP_NET_ADMIN/);
    assert.match(told?.what ?? "", /^whether this kernel takes \d+ of \d+ (program|map) types$/);
  });
}
