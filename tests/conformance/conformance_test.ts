// The official suite over HTTP: every active server scenario of 0.1.16, by name.
import assert from "node:assert/strict";
import { FixtureServer } from "./fixture_process.ts";
import { runSuite, type SuiteRun } from "./suite.ts";
import { TokenProxy } from "./token_proxy.ts";
import { kernelTest } from "../support/kernel_test.ts";

const wanted = [
  "server-initialize",
  "logging-set-level",
  "ping",
  "completion-complete",
  "tools-list",
  "tools-call-simple-text",
  "tools-call-image",
  "tools-call-audio",
  "tools-call-embedded-resource",
  "tools-call-mixed-content",
  "tools-call-with-logging",
  "tools-call-error",
  "tools-call-with-progress",
  "tools-call-sampling",
  "tools-call-elicitation",
  "elicitation-sep1034-defaults",
  "server-sse-multiple-streams",
  "elicitation-sep1330-enums",
  "resources-list",
  "resources-read-text",
  "resources-read-binary",
  "resources-templates-read",
  "resources-subscribe",
  "resources-unsubscribe",
  "prompts-list",
  "prompts-get-simple",
  "prompts-get-with-args",
  "prompts-get-embedded-resource",
  "prompts-get-with-image",
  "dns-rebinding-protection",
];

const scenarioCount = 30;

async function conform(): Promise<SuiteRun> {
  await using server = await FixtureServer.start();
  await using proxy = TokenProxy.start(server.port, server.token);
  return await runSuite(`http://127.0.0.1:${proxy.port}/mcp`);
}

kernelTest("the server passes every scenario of the official suite", async (test) => {
  const { code, output, scenarios } = await conform();
  await test.step(`the suite ran ${scenarioCount} scenarios`, () => {
    assert.equal(wanted.length, scenarioCount);
    assert.deepEqual([...scenarios.keys()].sort(), [...wanted].sort(), output);
    assert.equal(code, 0, output);
  });
  for (const name of wanted) {
    await test.step(name, () => {
      const checks = scenarios.get(name) ?? [];
      const bad = checks.filter(({ status }) => !["SUCCESS", "INFO"].includes(status));
      assert.deepEqual(bad, []);
      assert.ok(checks.some(({ status }) => status === "SUCCESS"), `${name} checked something`);
    });
  }
});

kernelTest("the suite has a judgement: a server that is not there fails", async () => {
  const { code, scenarios } = await runSuite("http://127.0.0.1:1/mcp");
  assert.notEqual(code, 0);
  const passed = [...scenarios.values()].filter((checks) =>
    checks.every(({ status }) => status === "SUCCESS")
  );
  assert.deepEqual(passed, []);
});
