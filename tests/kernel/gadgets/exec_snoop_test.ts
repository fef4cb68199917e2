// exec_snoop against processes whose execs are known: one event each, with what was asked for.
import assert from "node:assert/strict";
import { libbpf, libc } from "../../../ffi/library.ts";
import { Btf } from "../../../src/btf/btf.ts";
import { compileDecoder, type JsonValue } from "../../../src/btf/decode.ts";
import { findEventType } from "../../../src/btf/event_types.ts";
import { Catalogue } from "../../../src/gadgets/catalogue.ts";
import { resolveGlobals } from "../../../src/gadgets/parameters.ts";
import { attachProgram } from "../../../src/kernel/attach/attach.ts";
import { compileRingDrain, type DrainState } from "../../../src/kernel/drain.ts";
import { setGlobals } from "../../../src/kernel/globals.ts";
import { Loader } from "../../../src/kernel/loader.ts";
import type { Link } from "../../../src/kernel/link.ts";
import type { BpfObject } from "../../../src/kernel/object.ts";
import { RingBuffer } from "../../../src/kernel/ringbuf.ts";
import { embeddedFolder } from "../../../scripts/paths.ts";
import { kernelTest } from "../../support/kernel_test.ts";
import { Trigger } from "../../support/trigger.ts";

const ENOENT = -2;
const EACCES = -13;
const ENAMETOOLONG = -36;

// Opened once for the process: before the first test, which would else seem to leak them.
libc();
libbpf();

interface Records extends DrainState {
  readonly records: Uint8Array[];
}

type Event = Record<string, JsonValue>;

const catalogue = new Catalogue(new URL("gadgets/", embeddedFolder));
const gadget = catalogue.get("exec_snoop");
const ringBytes = 1024 * 1024;
const copyRecords = compileRingDrain<Records>({
  record: "state.records.push(u8.slice(at, at + length));",
});

/** The gadget, attached; releases everything when disposed. */
class Snoop implements AsyncDisposable {
  readonly #object: BpfObject;
  readonly #links: Link[];

  private constructor(object: BpfObject) {
    this.#object = object;
    this.#links = object.programs.flatMap((program) => attachProgram(program, { type: "auto" }));
  }

  static async start(params: Record<string, unknown>): Promise<Snoop> {
    const globals = await resolveGlobals(gadget, params, new AbortController().signal);
    const { object } = await new Loader().load({
      bytes: catalogue.bytes(gadget),
      name: gadget.name,
      prepare: (object) => setGlobals(object, globals),
      judge: () => undefined,
    }, () => undefined);
    return new Snoop(object);
  }

  /** What has been sent so far, decoded. */
  events(): Event[] {
    const map = this.#object.maps.find(({ name }) => name === gadget.manifest.output.map);
    const btf: Btf | null = this.#object.btf;
    assert.ok(map !== undefined && btf !== null);
    using ring = RingBuffer.open(map.fd, ringBytes, map.name);
    const state: Records = { room: Infinity, corruptAt: -1, records: [] };
    while (ring.consume(copyRecords, state) > 0);
    const decode = compileDecoder(btf, findEventType(btf, "exec_event").typeId);
    return state.records.map((record) => {
      const event = decode(record, 0, record.length);
      assert.ok(typeof event === "object" && event !== null && !Array.isArray(event));
      return event;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#links.map((link) => link[Symbol.asyncDispose]()));
    this.#object[Symbol.dispose]();
  }
}

/** What the children of one process do, told to it after the gadget is there. */
async function observe(
  commands: readonly `exec ${string} ${number}`[],
  params: Record<string, unknown> = {},
): Promise<{ events: Event[]; parent: number }> {
  await using trigger = await Trigger.start();
  await using snoop = await Snoop.start({ ppid: trigger.pid, ...params });
  for (const command of commands) await trigger.run(command);
  return { events: snoop.events(), parent: trigger.pid };
}

async function observeOne(name: string, params: Record<string, unknown> = {}): Promise<Event> {
  const { events } = await observe([`exec ${name} 1`], params);
  assert.equal(events.length, 1, JSON.stringify(events));
  return events[0];
}

kernelTest("exec_snoop reports a started program with its arguments", async () => {
  const { events: [event], parent } = await observe(["exec success 1"]);
  assert.equal(event.ret, 0);
  assert.equal(event.comm, "true");
  assert.equal(event.parent_comm, "trigger");
  assert.equal(event.filename, "/bin/true");
  assert.deepEqual(event.args, ["true", "one", "", "two words"]);
  assert.equal(event.args_count, 4);
  assert.equal(event.args_cut, false);
  assert.equal(event.ppid, parent);
  assert.equal(event.tid, event.pid);
  assert.equal(event.uid, Deno.uid());
});

kernelTest("exec_snoop reports a failed attempt with its errno and arguments", async () => {
  const event = await observeOne("missing");
  assert.equal(event.ret, ENOENT);
  assert.equal(event.comm, "trigger");
  assert.equal(event.filename, "/nonexistent/program");
  assert.deepEqual(event.args, ["program", "--flag"]);
  assert.equal((await observeOne("directory")).ret, EACCES);
});

kernelTest("exec_snoop reports every exec exactly once", async () => {
  const { events } = await observe(["exec success 300", "exec missing 200", "exec second_try 50"]);
  const succeeded = events.filter(({ ret }) => ret === 0);
  assert.equal(succeeded.length, 350);
  assert.equal(events.length, 600);
  assert.equal(new Set(succeeded.map(({ pid }) => pid)).size, 350);
});

kernelTest("exec_snoop names the thread that called, though it takes the leader's id", async () => {
  const success = await observeOne("thread");
  assert.deepEqual(success.args, ["true", "from", "thread"]);
  assert.notEqual(success.tid, success.pid);
  const failure = await observeOne("thread_missing");
  assert.equal(failure.ret, ENOENT);
  assert.notEqual(failure.tid, failure.pid);
});

kernelTest("exec_snoop reports execveat", async () => {
  const event = await observeOne("by_fd");
  assert.equal(event.ret, 0);
  assert.deepEqual(event.args, ["by-fd"]);
});

kernelTest("exec_snoop says that it cut arguments", async () => {
  const success = await observeOne("many");
  assert.equal(success.args_count, 299);
  assert.equal(success.args_size, 299 * 21);
  assert.equal(success.args_cut, true);
  const failure = await observeOne("many_missing");
  assert.equal(failure.args_count, 128);
  assert.equal(failure.args_cut, true);
});

kernelTest("exec_snoop says that it cut the file name", async () => {
  const event = await observeOne("long_name");
  assert.equal(event.ret, ENAMETOOLONG);
  assert.equal(event.filename_cut, true);
  assert.equal(event.filename, `/${"x".repeat(254)}`);
});

kernelTest("exec_snoop gives hostile arguments as escaped texts", async () => {
  const { args } = await observeOne("hostile");
  assert.ok(Array.isArray(args));
  assert.equal(args.length, 5);
  assert.equal(args[2], '"quoted"');
  const controls = /\p{Cc}/u;
  for (const arg of args) assert.ok(typeof arg === "string" && !controls.test(arg));
});

kernelTest("exec_snoop leaves out failures when it is told to", async () => {
  const { events } = await observe(["exec second_try 5"], { failed: false });
  assert.deepEqual(events.map(({ ret }) => ret), [0, 0, 0, 0, 0]);
});

kernelTest("exec_snoop keeps as many bytes of arguments as it is told to", async () => {
  const event = await observeOne("success", { max_args_bytes: 6 });
  assert.deepEqual(event.args, ["true", "o"]);
  assert.equal(event.args_cut, true);
  assert.equal(event.args_count, 4);
  assert.deepEqual((await observeOne("missing", { max_args_bytes: 0 })).args, []);
});

kernelTest("exec_snoop follows the process name, user and process that it is told", async () => {
  const commands = ["exec success 2", "exec missing 3"] as const;
  assert.equal((await observe(commands, { comm: "true" })).events.length, 2);
  assert.equal((await observe(commands, { comm: "trigger" })).events.length, 3);
  assert.equal((await observe(commands, { comm: "tru" })).events.length, 0);
  assert.equal((await observe(commands, { uid: Deno.uid() })).events.length, 5);
  assert.equal((await observe(commands, { uid: 4294967294 })).events.length, 0);
  assert.equal((await observe(commands, { pid: Deno.pid })).events.length, 0);
});
