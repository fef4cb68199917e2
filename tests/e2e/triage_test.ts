// triage: what is out of the ordinary on this host, found among what is not.
import assert from "node:assert/strict";
import * as z from "zod";
import { McpSession } from "../support/client.ts";
import { heldBy } from "../support/kernel_state.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { requireError, validation } from "../support/refusals.ts";
import { Workload } from "../support/workload.ts";

const triaged = z.looseObject({
  verdict: z.string(),
  seconds: z.number(),
  total: z.int(),
  findings: z.array(z.looseObject({
    area: z.string(),
    score: z.int(),
    what: z.string(),
    evidence: z.record(z.string(), z.unknown()),
    next: z.looseObject({ tool: z.string(), arguments: z.record(z.string(), z.unknown()) }),
  })),
  looked: z.array(z.looseObject({ source: z.string(), area: z.string() })),
  not_looked: z.array(z.looseObject({ source: z.string(), why: z.string() })),
});

const nothing = { programs: [], maps: [], links: [], btfs: [] };

/** Calls a command of the workload again and again until the promise is settled. */
async function repeat(workload: Workload, command: string, until: Promise<unknown>): Promise<void> {
  let settled = false;
  const settle = () => settled = true;
  until.then(settle, settle);
  while (!settled) await workload.run(command);
}

kernelTest(
  "triage finds calls that fail, says whose, and its next call finds them too",
  async () => {
    await using workload = await Workload.start("failures");
    await using session = await McpSession.start({ args: [] });
    const asking = session.ask(triaged, "triage", { seconds: 2, focus: ["errors"] });
    await repeat(workload, "connect 200", asking);
    const answer = await asking;
    const found = answer.findings.find(({ what }) => what.includes('ECONNREFUSED in "failures"'));
    assert.ok(found !== undefined, JSON.stringify(answer.findings.map(({ what }) => what)));
    assert.equal(found.area, "errors");
    assert.equal(found.evidence.syscall, "connect");
    assert.ok(Number(found.evidence.count) >= 200);
    assert.equal(found.next.tool, "trace_errors");
    const closer = session.ask(
      z.looseObject({ rows: z.array(z.looseObject({ count: z.int() })) }),
      found.next.tool,
      { ...found.next.arguments, duration_ms: 500 },
    );
    await repeat(workload, "connect 50", closer);
    assert.ok((await closer).rows.length > 0);
    assert.deepEqual(heldBy(session.pid), nothing);
  },
);

kernelTest("triage finds programs that crash", async () => {
  await using workload = await Workload.start("exits");
  await using session = await McpSession.start({ args: [] });
  const asking = session.ask(triaged, "triage", { seconds: 2, focus: ["processes"] });
  await repeat(workload, "signal 11 3", asking);
  const { findings } = await asking;
  const found = findings.find(({ what }) => what.startsWith('"exits" was ended by SIGSEGV'));
  assert.ok(found !== undefined, JSON.stringify(findings.map(({ what }) => what)));
  assert.ok(found.score >= 60);
});

kernelTest("triage says what it looked at and what it could not", async () => {
  await using session = await McpSession.start({ args: [] });
  const answer = await session.ask(triaged, "triage", { seconds: 1 });
  const sources = [...answer.looked, ...answer.not_looked].map(({ source }) => source);
  assert.equal(new Set(sources).size, sources.length);
  for (const source of ["trace_errors", "exec_snoop", "exit_snoop", "inspect_state", "pressure"]) {
    assert.ok(answer.looked.some((one) => one.source === source), source);
  }
  assert.ok(answer.findings.every(({ score }) => score >= 30));
  assert.ok(JSON.stringify(answer).length <= 8192);
  assert.deepEqual(heldBy(session.pid), nothing);
});

kernelTest("triage that is cancelled leaves nothing", async () => {
  await using session = await McpSession.start({ args: [] });
  const abort = new AbortController();
  const started = Promise.withResolvers<void>();
  const asking = session.ask(triaged, "triage", { seconds: 60 }, {
    signal: abort.signal,
    onprogress: () => started.resolve(),
  });
  await started.promise;
  abort.abort();
  await assert.rejects(asking);
  await session.ask(triaged, "triage", { seconds: 1, focus: ["memory"] });
  assert.deepEqual(heldBy(session.pid), nothing);
});

kernelTest("triage refuses what it does not know", async () => {
  await using session = await McpSession.start({ args: [] });
  for (const args of [{ focus: ["coffee"] }, { focus: [] }, { seconds: 0 }, { seconds: 61 }]) {
    requireError(await session.refusal("triage", args), validation("invalid_arguments"));
  }
});
