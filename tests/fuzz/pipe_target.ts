// The built executable over a real pipe: what a client writes, calls of its tools among it.
import { schemaOf } from "../../src/server/json_schema.ts";
import { toolbox } from "../../src/tools/toolbox.ts";
import { environment } from "../../scripts/command.ts";
import { launch } from "../support/server_command.ts";
import { within } from "../support/within.ts";
import { ByteSource } from "./byte_source.ts";
import { joined } from "./mutate.ts";
import { expect } from "./oracle.ts";
import { Random } from "./random.ts";
import { checkAnswers } from "./rpc_answers.ts";
import { initializeLine, someLines } from "./rpc_lines.ts";
import { answersWanted } from "./rpc_model.ts";
import { SchemaValues } from "./schema_values.ts";
import type { Depth, Prepared, Target } from "./target.ts";
import { harmless, toolWords } from "./tool_words.ts";

/** Until the server has answered and is gone, on a machine that does other things too. */
const END_MS = 20_000;
const encoder = new TextEncoder();

export const pipeTarget: Target = {
  name: "pipe",
  files: [],
  cases: { short: 12, long: 2_000 },
  processes: 2,
  caseMs: 5_000,
  clock: "wall",
  prepare: () => Promise.resolve(new PipeFuzz()),
};

class PipeFuzz implements Prepared {
  /** `u32 how the input is cut, input`. */
  make(random: Random): Uint8Array<ArrayBuffer> {
    const calls = Array.from({ length: random.between(1, 6) }, (_, id) => toolCall(random, id));
    const parts = [initializeLine, ...calls, someLines(random), encoder.encode("\n")];
    return joined(random.bytes(4), ...parts);
  }

  async run(input: Uint8Array<ArrayBuffer>): Promise<Depth> {
    const source = new ByteSource(input);
    const random = new Random(`cut ${source.u32()}`);
    const stream = source.rest(input.length);
    const { program, args } = launch(["serve", "--role", "operator"]);
    const child = new Deno.Command(program, {
      args: [...args],
      env: environment(),
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const output = child.output();
    await writeAll(child.stdin, random, stream);
    const { code, stdout, stderr } = await within(END_MS, "the end of the server", output);
    const said = new TextDecoder().decode(stderr);
    expect(code === 0, () => `exit code ${code}: ${said}`);
    expect(!said.includes("unexpected"), () => said);
    const wanted = answersWanted(stream);
    checkAnswers(new TextDecoder().decode(stdout), { ...wanted, cancels: true });
    return wanted.messages * 2 >= wanted.lines ? "past" : "refused";
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

/** A call of a real tool; what it names is not there. */
function toolCall(random: Random, id: number): Uint8Array {
  const tool = random.pick(toolbox);
  const values = new SchemaValues(random, toolWords, random.below(2));
  const args = harmless(tool.name, values.value(schemaOf(tool.input, "input")));
  const params = { name: tool.name, arguments: args };
  const call = { jsonrpc: "2.0", id: `call ${id}`, method: "tools/call", params };
  return encoder.encode(`${JSON.stringify(call)}\n`);
}

/** Writes in a few pieces; the server may be gone before the last, which is seen by its answers. */
async function writeAll(
  stdin: WritableStream<Uint8Array>,
  random: Random,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<void> {
  const writer = stdin.getWriter();
  for (let at = 0; at < bytes.length;) {
    const size = random.between(1, Math.max(1, Math.floor(bytes.length / 4)));
    await writer.write(bytes.subarray(at, at + size));
    at += size;
  }
  await writer.close();
}
