// What clients do, drawn at random: each action leaves what it loaded in `owned`, or nothing.
import * as z from "zod";
import type { Random } from "../../tests/fuzz/random.ts";
import type { Trigger } from "../../tests/support/trigger.ts";
import { ScriptError } from "../script_error.ts";
import { type Account, accountForEvents } from "./account.ts";
import type { Latencies } from "./latency.ts";
import type { Answer, Arguments, SoakSession } from "./sessions.ts";

/** Paths of the objects that are loaded. */
export interface Objects {
  readonly flood: string;
  readonly globals: string;
  readonly attach_kinds: string;
  readonly rejected: string;
}

/** What the clients of one soak share. */
export interface Shared {
  readonly objects: Objects;
  readonly account: Account;
  /** Of the cheap call. */
  readonly latencies: Latencies;
  calls: number;
}

export interface Doer {
  readonly session: SoakSession;
  readonly random: Random;
  readonly trigger: Trigger;
  readonly shared: Shared;
  /** Objects that were loaded and not unloaded. */
  readonly owned: string[];
}

type Action = (doer: Doer) => Promise<void>;

const nobody = 0x3fffff;
const sysEnter = { type: "raw_tracepoint", name: "sys_enter" };
const made = z.looseObject({
  object_id: z.string(),
  programs: z.array(z.looseObject({ program_id: z.int() })).min(1),
});
const attached = z.looseObject({ attachment_id: z.string(), confirmed: z.literal(true) });
/** Each session may own 64. */
const MOST_OWNED = 8;

/** By how often one is drawn among all. */
const actions: readonly (readonly [number, Action])[] = [
  [10, callCheaply],
  [2, list],
  [2, lookAround],
  [3, loadAndDump],
  [3, attachAndDetach],
  [2, beRejected],
  [2, misspell],
  [1, runGadget],
  [1, cancel],
  [2, account],
];
const weights = actions.flatMap(([weight, action]) => Array<Action>(weight).fill(action));

/** One action. @throws {ScriptError} when an answer is not what it must be */
export async function act(doer: Doer): Promise<void> {
  await doer.random.pick(weights)(doer);
}

/** Releases everything that the actions loaded. */
export async function releaseAll(doer: Doer): Promise<void> {
  for (const object_id of doer.owned.splice(0)) {
    await succeed(doer, "unload_program", { object_id });
  }
}

async function call(doer: Doer, tool: string, args: Arguments): Promise<Answer> {
  doer.shared.calls++;
  return await doer.session.call(tool, args);
}

async function succeed(doer: Doer, tool: string, args: Arguments): Promise<Answer["content"]> {
  const { isError, content } = await call(doer, tool, args);
  if (isError) throw new ScriptError(`${tool} failed: ${JSON.stringify(content).slice(0, 500)}`);
  return content;
}

async function fail(doer: Doer, tool: string, args: Arguments, code: string): Promise<void> {
  const { isError, content } = await call(doer, tool, args);
  if (isError && content.code === code) return;
  throw new ScriptError(`${tool} answered ${JSON.stringify(content).slice(0, 500)}, not ${code}`);
}

/** The one that is timed: it touches neither the kernel nor a file. */
async function callCheaply(doer: Doer): Promise<void> {
  const start = performance.now();
  await succeed(doer, "inspect_state", { fields: ["session"] });
  doer.shared.latencies.add(performance.now() - start);
}

async function list(doer: Doer): Promise<void> {
  const method = doer.random.pick(["tools/list", "prompts/list", "resources/list", "ping"]);
  doer.shared.calls++;
  await doer.session.request(method);
}

async function lookAround(doer: Doer): Promise<void> {
  const [tool, args] = doer.random.pick<[string, Arguments]>([
    ["system_info", {}],
    ["inspect_state", { fields: ["programs"], limit: 5 }],
    ["inspect_state", { fields: ["links", "maps"], mine: true }],
  ]);
  await succeed(doer, tool, args);
}

async function loadAndDump(doer: Doer): Promise<void> {
  if (doer.owned.length >= MOST_OWNED) return await releaseAll(doer);
  const value = doer.random.between(-1000, 1000);
  const source = { type: "file", path: doer.shared.objects.globals };
  const object = made.parse(
    await succeed(doer, "load_program", { source, name: "soak", globals: { rw_s32: value } }),
  );
  doer.owned.push(object.object_id);
  if (doer.owned.length > 1) return; // another map has the name too
  const dump = JSON.stringify(await succeed(doer, "map_dump", { map_name: "soak.data" }));
  if (!dump.includes(`"rw_s32":${value}`)) {
    throw new ScriptError(`map_dump lacks ${value}: ${dump}`);
  }
}

async function attachAndDetach(doer: Doer): Promise<void> {
  if (doer.owned.length >= MOST_OWNED) return await releaseAll(doer);
  const object = made.parse(
    await succeed(doer, "load_program", {
      source: { type: "file", path: doer.shared.objects.attach_kinds },
      programs: ["on_raw_tracepoint"],
      globals: { target_pid: nobody },
    }),
  );
  doer.owned.push(object.object_id);
  const [first] = object.programs;
  const { attachment_id } = attached.parse(
    await succeed(doer, "attach_program", {
      program_id: first?.program_id,
      attachment: sysEnter,
    }),
  );
  if (doer.random.once(2)) await succeed(doer, "detach_link", { attachment_id });
}

async function beRejected(doer: Doer): Promise<void> {
  const source = { type: "file", path: doer.shared.objects.rejected };
  await fail(doer, "load_program", { source }, "program_load_rejected");
}

async function misspell(doer: Doer): Promise<void> {
  const [tool, args] = doer.random.pick<[string, Arguments]>([
    ["load_program", { sorce: {} }],
    ["map_dump", { map_id: -1 }],
    ["inspect_state", { fields: ["nothing"] }],
  ]);
  await fail(doer, tool, args, "invalid_arguments");
}

/** For a parent that has no children: the gadget waits for its time to pass. */
export function gadgetFor(ms: number): Arguments {
  return { gadget: "exec_snoop", params: { ppid: nobody }, duration_ms: ms };
}

async function runGadget(doer: Doer): Promise<void> {
  await succeed(doer, "run_gadget", gadgetFor(doer.random.between(10, 200)));
}

async function cancel(doer: Doer): Promise<void> {
  doer.shared.calls++;
  await doer.session.callAndCancel("run_gadget", gadgetFor(60_000));
}

async function account({ session, trigger, random, shared }: Doer): Promise<void> {
  await accountForEvents(session, trigger, shared.objects.flood, random, shared.account);
}
