// The output of a process may end after the process itself: tests that use it must wait for both.
import assert from "node:assert/strict";
import { kernelTest } from "../support/kernel_test.ts";
import { ProcessOutput } from "../support/process_output.ts";

function shell(script: string): Deno.ChildProcess {
  const args = ["-c", script];
  return new Deno.Command("/bin/sh", { args, stdin: "null", stdout: "null", stderr: "piped" })
    .spawn();
}

kernelTest("ProcessOutput.ended waits for what is written after the process's end", async () => {
  const process = shell("echo serving >&2; (sleep 0.2; echo late >&2) & exit 0");
  const output = new ProcessOutput(process.stderr);
  assert.equal(await output.firstLine(/^serving/), "serving");
  const late = output.firstLine(/^late/);
  await process.status;
  await output.ended;
  assert.equal(await late, "late");
});

kernelTest("ProcessOutput.firstLine rejects when the output ends without it", async () => {
  const process = shell("echo something else >&2");
  const output = new ProcessOutput(process.stderr);
  await assert.rejects(output.firstLine(/^serving/), /ended without a line like \/\^serving\//);
  await process.status;
});
