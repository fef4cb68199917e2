// Tools that test the registry and the server; they touch nothing.
import * as z from "zod";
import { type Config, parseConfig } from "../../../src/config.ts";
import { resourceError } from "../../../src/errors.ts";
import type { Role } from "../../../src/policy/role.ts";
import { defineTool, type Services } from "../../../src/tools/define_tool.ts";

const traits = {
  toolset: "reflect",
  needs: { capability: "none", kernel: "5.8" },
  maxTimeMs: 1_000,
} as const;

const text = z.string().max(1000);

export const echo = defineTool({
  ...traits,
  name: "echo",
  title: "Give back what came",
  doc: "Answers with its argument.",
  effect: "read",
  limits: { max_text: 1000 },
  input: z.strictObject({ text, times: z.int().min(1).max(10).default(1) }),
  output: z.object({ text, budget: z.number() }),
  run: ({ text, times }, { request }) => ({
    text: text.repeat(times),
    budget: request.byteBudget,
    surplus: "never reaches the client",
  }),
});

export const load = defineTool({
  ...traits,
  name: "load_program",
  title: "Take a source",
  doc: "Has a union among its arguments.",
  toolset: "deploy",
  effect: "change",
  input: z.strictObject({
    source: z.discriminatedUnion("type", [
      z.strictObject({ type: z.literal("file"), path: text }),
      z.strictObject({ type: z.literal("data"), blob: text }),
    ]),
    programs: z.array(z.strictObject({ name: text })).max(5).optional(),
  }),
  output: z.object({ programs: z.array(z.object({ program_id: z.int() })) }),
  run: () => ({ programs: [{ program_id: 7 }, { program_id: 8 }] }),
});

export const unpin = defineTool({
  ...traits,
  name: "unpin_object",
  title: "Destroy something",
  doc: "Out of reach for most.",
  toolset: "control",
  effect: "destroy",
  input: z.strictObject({ id: z.int().min(1).max(2 ** 32 - 1) }),
  output: z.object({ id: z.int() }),
  run: ({ id }) => ({ id }),
});

/** Waits until it is aborted, then answers with what it has. */
export const patient = defineTool({
  ...traits,
  name: "stream_events",
  title: "Wait for the end",
  doc: "Ends when its signal does.",
  toolset: "stream",
  effect: "observe",
  maxTimeMs: 100,
  input: z.strictObject({}),
  output: z.object({ reason: z.string() }),
  async run(_args, { request }) {
    await request.progress("started", 0, 2);
    await request.progress("still here", 0, 2);
    const { promise, resolve } = Promise.withResolvers<void>();
    if (request.signal.aborted) resolve();
    request.signal.addEventListener("abort", () => resolve(), { once: true });
    await promise;
    return { reason: String(request.signal.reason) };
  },
});

/** Never ends, abort or not. */
export const deaf = defineTool({
  ...traits,
  name: "deaf",
  title: "Ignore the signal",
  doc: "Outlives its maximum time.",
  effect: "read",
  maxTimeMs: 50,
  input: z.strictObject({}),
  output: z.object({}),
  run: () => new Promise<never>(() => {}),
});

export const broken = defineTool({
  ...traits,
  name: "broken",
  title: "Throw",
  doc: "Fails in the way it is told.",
  effect: "read",
  input: z.strictObject({ how: z.enum(["error", "ours", "text", "bigint"]) }),
  output: z.object({ value: z.unknown() }),
  run({ how }) {
    if (how === "error") throw new TypeError("secret detail");
    if (how === "ours") {
      throw resourceError("map_not_found", "Cannot open map 9: it is not there", { map_id: 9 });
    }
    // deno-lint-ignore no-throw-literal -- a library might
    if (how === "text") throw "a text";
    return { value: [1n, 2n ** 64n - 1n] };
  },
});

export const sampleTools = [echo, load, unpin, patient, deaf, broken];

/** A configuration as flags would make it. */
export function configure(flags: Record<string, string> = {}, role: Role = "observer"): Config {
  return parseConfig({
    flags: new Map(Object.entries(flags).map(([name, value]) => [name, [value]])),
    environment: () => undefined,
    workingDirectory: () => "/work",
    defaultRole: role,
  });
}

export type SampleServices = Services & { readonly released: () => number };

/** What the sample tools use of a connection's services: a session that counts its releases. */
export function sampleServices(config: Config): SampleServices {
  let count = 0;
  const session = {
    [Symbol.asyncDispose]: () => {
      count++;
      return Promise.resolve();
    },
  };
  const services: unknown = { config, session, released: () => count };
  return services as SampleServices; // the sample tools touch neither kernel nor host
}
