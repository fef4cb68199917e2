import assert from "node:assert/strict";
import * as z from "zod";
import { resourceError } from "../../../src/errors.ts";
import { defineTool } from "../../../src/tools/define_tool.ts";
import { type DoctorAnswer, doctorAnswer } from "../../../src/tools/system/doctor_answer.ts";
import { run } from "./fake_program.ts";

const taken = { accepted: 1, total: 1, refused: [], unknown: [] };

const sound: DoctorAnswer = {
  checks: [{ name: "btf", status: "ok", found: "it is there", costs: null, repair: null }],
  features: {
    program_types: taken,
    map_types: { accepted: 1, total: 3, refused: ["arena"], unknown: ["hash"] },
    attach_types: taken,
    helpers: [{ program_type: "xdp", accepted: 2, total: 9 }],
  },
  observing: { works: true, found: "it was attached" },
};

const broken: DoctorAnswer = {
  ...sound,
  checks: [
    ...sound.checks,
    {
      name: "tracefs",
      status: "missing",
      found: "not mounted \u001b[2J here",
      costs: "no list of tracepoints",
      repair: "mount -t tracefs tracefs /sys/kernel/tracing",
    },
  ],
  observing: { works: false, found: "loading is refused" },
};

/** A host of which system_info answers this. */
function host(answer: DoctorAnswer | Error) {
  return defineTool({
    name: "system_info",
    title: "Describe the host",
    doc: "Of a test.",
    toolset: "reflect",
    effect: "read",
    needs: { capability: "none", kernel: "4.18" },
    maxTimeMs: 1_000,
    input: z.strictObject({ fields: z.array(z.string()) }),
    output: doctorAnswer,
    run({ fields }) {
      assert.ok(fields.includes("checks") && fields.includes("observing"));
      if (answer instanceof Error) throw answer;
      return answer;
    },
  });
}

Deno.test("doctor exits with 0 where the main job works, and prints plain lines", async () => {
  const { code, stdout, released } = await run(["doctor"], { tools: [host(sound)] });
  assert.equal(code, 0);
  assert.equal(released, 1);
  assert.equal(
    stdout,
    [
      "ok btf: it is there",
      "program types: 1 of 1 taken",
      "map types: 1 of 3 taken; refused: arena; cannot be told: hash",
      "attach types: 1 of 1 taken",
      "helpers of xdp: 2 of 9",
      "This host can do the main job: it was attached",
      "",
    ].join("\n"),
  );
});

Deno.test("doctor exits with 1 where it does not, and shows cost and repair", async () => {
  const { code, stdout } = await run(["doctor"], { tools: [host(broken)] });
  assert.equal(code, 1);
  assert.match(stdout, /^missing tracefs: not mounted \\x1b\[2J here$/m);
  assert.match(stdout, /^ {2}costs: no list of tracepoints$/m);
  assert.match(stdout, /^ {2}repair: mount -t tracefs tracefs \/sys\/kernel\/tracing$/m);
  assert.match(stdout, /^This host cannot do the main job: loading is refused$/m);
});

Deno.test("doctor exits with 3 where its findings cannot be written", async () => {
  for (const answer of [sound, broken, resourceError("limit_exceeded", "Cannot look")]) {
    const tools = [host(answer)];
    const { code, stderr, released } = await run(["doctor"], { tools, full: ["stdout"] });
    assert.equal(code, 3);
    assert.equal(released, 1);
    assert.equal(stderr, "ebpf-mcp: Cannot write what there is to tell: closed\n");
  }
});

Deno.test("doctor draws a table on a terminal, and below it what is not well", async () => {
  const { stdout } = await run(["doctor"], { tools: [host(broken)], terminal: "yes" });
  assert.match(stdout, /^CHECK +STATUS +FOUND$/m);
  assert.match(stdout, /^tracefs +missing +not mounted/m);
  assert.match(stdout, /^tracefs: not mounted .*\n {2}costs: .*\n {2}repair: /m);
  assert.doesNotMatch(stdout, /^btf: /m);
});

Deno.test("doctor says when names were left out", async () => {
  const left = /^Not every name fits: --byte-budget \d+ has room for all$/m;
  const cut = await run(["doctor"], { tools: [host({ ...sound, truncated: true })] });
  assert.match(cut.stdout, left);
  const whole = await run(["doctor"], { tools: [host(sound)] });
  assert.doesNotMatch(whole.stdout, left);
});

Deno.test("doctor --json prints the answer as it is", async () => {
  const { code, stdout } = await run(["doctor", "--json"], { tools: [host(broken)] });
  assert.equal(code, 1);
  assert.deepEqual(doctorAnswer.parse(JSON.parse(stdout)), broken);
});

Deno.test("doctor prints the error of a host that cannot be asked", async () => {
  const failure = resourceError("limit_exceeded", "Cannot look");
  const { code, stdout } = await run(["doctor"], { tools: [host(failure)] });
  assert.equal(code, 1);
  assert.match(stdout, /^\{"error":\{"category":"resource","code":"limit_exceeded"/);
  assert.equal((await run(["doctor"])).code, 2);
});
