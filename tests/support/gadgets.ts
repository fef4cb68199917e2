// How a gadget is tested: the built executable runs it over a workload of known size in a control
// group of its own, while a twin does the same outside of it. Every event is accounted for.
import assert from "node:assert/strict";
import * as z from "zod";
import { type GadgetName, type GadgetRow, gadgetRows } from "../matrix/gadgets.ts";
import { has } from "../matrix/features.ts";
import { type Fields, type Streamed, streamed } from "./answers.ts";
import { TestCgroup } from "./cgroup.ts";
import type { Arguments, McpSession } from "./client.ts";
import { GadgetSession } from "./gadget_session.ts";
import { Workload } from "./workload.ts";

const shared = new GadgetSession();

/** Emulation is slow, and a busy machine too: what a run costs is not what these tests ask. */
const max_overhead_percent = 100;

/** From Linux 7.0 on the kernel skips a program that it has preempted, and counts that. */
const mostTries = 3;
const readLimit = 100_000;

const started = streamed.extend({ gadget: z.string(), object_id: z.string() });

/** What a gadget said, all of it, after it was stopped. */
export interface Observation {
  /** Oldest first. */
  readonly events: readonly Fields[];
  /** Of a table, the largest first. */
  readonly rows: readonly Fields[];
  /** The account at the end. */
  readonly account: Streamed;
}

/** What `observe` gives: the gadget's words beside those of the workload. */
export interface Observed extends Observation {
  readonly subject: Workload;
  /** What the subject's commands answered, by command. */
  readonly answers: readonly (readonly string[])[];
}

export interface ObserveOptions {
  /** The gadget's parameters. By default the subject's control group and those of `also`. */
  readonly params?: (subject: Workload) => Arguments;
  readonly also?: Arguments;
  /** The twin does a command with the subject, or after it where there is one thing for both. */
  readonly twin?: "together" | "after";
}

/** A gadget that runs in the background; it is attached. */
export interface RunningGadget {
  readonly streamId: string;
  /** Ends it and reads all that it has taken. Fails when an event is not accounted for. */
  stop(): Promise<Observation>;
}

export interface GadgetTest {
  readonly session: McpSession;
  /** What the gadget is to watch: by `cgroup`, as `/${cgroup.name}`. */
  readonly cgroup: TestCgroup;
  /** Where twins are. */
  readonly twinCgroup: TestCgroup;
  /** Starts tests/testdata/programs/NAME.c in that control group. */
  workload(name: string): Promise<Workload>;
  /** Starts it in another control group, whose events must not be seen. */
  twin(name: string): Promise<Workload>;
  /** For what is not started by `start`: the kernel has said that it skipped so many runs. */
  skipped(runs: number): void;
  /** Starts the gadget with these parameters. */
  start(params: Arguments): Promise<RunningGadget>;
  /**
   * Lets a program and its twin do these commands, one after the other but both at once, while the
   * gadget watches the control group of the first, and gives all that the gadget saw.
   */
  observe(
    program: string,
    commands: readonly string[],
    options?: ObserveOptions,
  ): Promise<Observed>;
}

/**
 * A test of a gadget, on every kernel that has what it needs; on the others, by the table in
 * tests/matrix/gadgets.ts, it must be refused as the table says.
 */
export function gadgetTest(
  gadget: GadgetName,
  sentence: string,
  fn: (test: GadgetTest) => Promise<void>,
): void {
  shared.test(gadget, sentence, async () => {
    const { needs, refusal }: GadgetRow = gadgetRows[gadget];
    if (needs !== undefined && !await has(needs)) {
      assert.ok(refusal !== undefined, `${gadget} needs ${needs}, and says not how it is refused`);
      const error = await shared.session.refusal("run_gadget", { gadget });
      assert.equal(error.code, refusal.code, error.message);
      assert.match(JSON.stringify(error), refusal.says);
      return;
    }
    for (let tries = 1; !await passes(gadget, fn, tries); tries++);
  });
}

/**
 * Runs a test. False when it fails after the kernel has said itself that it skipped runs of the
 * gadget: exact counts cannot be had then, and it is tried anew.
 */
async function passes(
  gadget: GadgetName,
  fn: (test: GadgetTest) => Promise<void>,
  tries: number,
): Promise<boolean> {
  const skipped = { runs: 0 };
  await using owned = new AsyncDisposableStack();
  try {
    await fn(await prepare(gadget, owned, (runs) => skipped.runs += runs));
    return true;
  } catch (error) {
    if (skipped.runs === 0 || tries === mostTries) throw error;
    return false;
  }
}

async function prepare(
  gadget: GadgetName,
  owned: AsyncDisposableStack,
  skip: (runs: number) => void,
): Promise<GadgetTest> {
  const { session } = shared;
  const cgroup = owned.use(await TestCgroup.make());
  const twinCgroup = owned.use(await TestCgroup.make());
  const workload = async (name: string) =>
    await owned.use(await Workload.start(name)).inCgroup(cgroup);
  const twin = async (name: string) =>
    await owned.use(await Workload.start(name)).inCgroup(twinCgroup);
  const start = async (params: Arguments): Promise<RunningGadget> => {
    const run = { gadget, params, background: true, max_overhead_percent };
    const { stream_id } = await session.ask(started, "run_gadget", run);
    const stop = async () => {
      const observation = await stopAndRead(session, stream_id);
      skip(Number(observation.account.missed_runs ?? 0));
      return observation;
    };
    return { streamId: stream_id, stop };
  };
  return {
    session,
    cgroup,
    twinCgroup,
    workload,
    twin,
    skipped: skip,
    start,
    async observe(program, commands, options = {}) {
      const [subject, other] = await Promise.all([workload(program), twin(program)]);
      const params = options.params?.(subject) ?? { cgroup: `/${cgroup.name}` };
      const running = await start({ ...params, ...options.also });
      const answers: string[][] = [];
      for (const command of commands) {
        const first = subject.run(command);
        if (options.twin === "after") await first;
        const [answer] = await Promise.all([first, other.run(command)]);
        answers.push(answer);
      }
      const observation = await running.stop();
      return { subject, answers, ...observation };
    },
  };
}

/** Nothing may be lost: what a test counts is then exact. */
async function stopAndRead(session: McpSession, streamId: string): Promise<Observation> {
  let account = await session.stop(streamId);
  const events: Fields[] = [];
  const rows: Fields[] = [...account.rows ?? []];
  while (account.next_cursor !== null) {
    const cursor = account.rows === undefined ? {} : { cursor: account.next_cursor };
    account = await session.read(streamId, { limit: readLimit, wait_ms: 0, ...cursor });
    events.push(...account.events);
    rows.push(...account.rows ?? []);
  }
  const { received, returned, filtered, dropped, ended_by } = account;
  assert.equal(ended_by, "stopped");
  assert.deepEqual(dropped, { ours: 0, kernel: 0 }, "nothing is dropped");
  assert.equal(received, returned + filtered, "every event is returned or filtered");
  assert.equal(returned, events.length);
  return { events, rows, account };
}
