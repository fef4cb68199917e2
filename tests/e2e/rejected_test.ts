// Programs that the kernel refuses: the error carries what the verifier said.
import assert from "node:assert/strict";
import * as z from "zod";
import { McpSession } from "../support/client.ts";
import { heldBy } from "../support/kernel_state.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { buildObject } from "../support/objects.ts";
import { kernel, requireError } from "../support/refusals.ts";

interface Rejection {
  readonly errno: string;
  /** In the verifier's log. */
  readonly said: RegExp;
}

const rejections: Readonly<Record<string, Rejection>> = {
  unbounded_loop: { errno: "EINVAL", said: /infinite loop detected/ },
  null_dereference: { errno: "EACCES", said: /invalid mem access 'map_value_or_null'/ },
  uninitialised_read: { errno: "EACCES", said: /R3 !read_ok/ },
  out_of_bounds: { errno: "EACCES", said: /outside of the allowed memory range/ },
  unchecked_packet: { errno: "EACCES", said: /invalid access to packet/ },
  leaked_reference: { errno: "EINVAL", said: /[Uu]nreleased reference|reference leak/ },
  wrong_result: { errno: "EINVAL", said: /At program exit the register R0/ },
  wrong_helper: { errno: "EINVAL", said: /cannot use helper/ },
};

const verifier = z.looseObject({
  verifier: z.looseObject({ total: z.int(), next_cursor: z.string().nullable() }),
});

kernelTest("load_program says why the verifier rejected a program", async (t) => {
  await using session = await McpSession.start({ args: ["--role", "operator", "--objects", "/"] });
  const path = await buildObject("rejected");
  for (const [program, { errno, said }] of Object.entries(rejections)) {
    await t.step(program, async () => {
      const error = await session.refusal("load_program", {
        source: { type: "file", path },
        programs: [program],
      });
      requireError(error, kernel("program_load_rejected", { errno, says: new RegExp(program) }));
      assert.match(error.context.verifier_log ?? "", said);
      assert.match(error.context.hint ?? "", /verifier/);
    });
  }
  const whole = await session.ask(verifier, "inspect_state", { fields: ["verifier"] });
  assert.ok(whole.verifier.total > 0, "the whole logs can be read afterwards");
  const { programs } = await session.load(path, { programs: ["accepted"] });
  assert.deepEqual(programs.map(({ name }) => name), ["accepted"]);
  assert.equal(heldBy(session.pid).programs.length, 1);
});

kernelTest("load_program says which field a CO-RE relocation did not find", async () => {
  await using session = await McpSession.start({ args: ["--role", "operator", "--objects", "/"] });
  const source = { type: "file", path: await buildObject("co_re_fail") };
  const error = await session.refusal("load_program", { source });
  requireError(error, kernel("program_load_rejected", { errno: "EINVAL" }));
  assert.match(error.context.hint ?? "", /CO-RE relocation/);
  assert.match(error.context.verifier_log ?? "", /field_that_no_kernel_has/);
});
