// A session with objects of the test in it, against which tools are called.
import { runProgram } from "../support/loaded.ts";
import { ToolSession } from "../support/tool_calls.ts";
import type { ObjectName } from "../support/objects.ts";
import { buildObject } from "../support/objects.ts";
import * as z from "zod";
import { mutate } from "./mutate.ts";
import { Random } from "./random.ts";
import type { Json } from "./schema_values.ts";
import { BLOB, STAND_INS, type StandIn } from "./tool_words.ts";

const IN_FOLDER: readonly ObjectName[] = ["maps", "no_maps", "rejected", "two_events"];
/** Levels of arguments in which names of what was loaded may stand. */
const DEEPEST = 32;
const EVENTS = "two_events";
const ELF_HEADER_BYTES = 64;

const loaded = z.looseObject({
  object_id: z.string(),
  programs: z.array(z.looseObject({ program_id: z.int() })),
  maps: z.array(z.looseObject({ map_id: z.int(), name: z.string(), type: z.string() })),
});
type Loaded = z.infer<typeof loaded>;

const paged = z.looseObject({ next_cursor: z.string().nullable() });
const listed = z.looseObject({ maps: paged });
const started = z.looseObject({ stream_id: z.string() });

type Values = Record<StandIn, Json>;

export class ToolFixture implements AsyncDisposable {
  readonly #folder: string;
  readonly #blob: Uint8Array<ArrayBuffer>;
  /** A session whose objects are foreign to the other. */
  #foreign: ToolSession | null = null;
  #calls: ToolSession | null = null;
  #values: Values | null = null;

  private constructor(folder: string, blob: Uint8Array<ArrayBuffer>) {
    this.#folder = folder;
    this.#blob = blob;
  }

  static async make(): Promise<ToolFixture> {
    const folder = await Deno.makeTempDir({ prefix: "ebpf-mcp-fuzz-" });
    for (const name of IN_FOLDER) {
      await Deno.copyFile(await buildObject(name), `${folder}/${name}.o`);
    }
    await Deno.mkdir(`${folder}/folder`);
    await Deno.writeTextFile(`${folder}/text.o`, "not an object");
    return new ToolFixture(folder, await Deno.readFile(`${folder}/two_events.o`));
  }

  /** Calls the tool in the session that `renew` made; there are events in its ring. */
  async call(name: string, args: Json, signal: AbortSignal): Promise<unknown> {
    if (this.#calls === null || this.#values === null) throw new TypeError("no session");
    for (const object of this.#calls.session.objects.values()) {
      if (object.name === EVENTS) runProgram(object, "produce");
    }
    return await this.#calls.call(name, this.#filledIn(args, this.#values), { signal });
  }

  /** Makes the session if there is none, and loads again what a call may have unloaded. */
  async renew(): Promise<void> {
    this.#calls ??= new ToolSession({ objects: this.#folder });
    this.#values ??= await this.#load(this.#calls);
    const { objects } = this.#calls.session;
    if (objects.values().some(({ objectId }) => objectId === this.#values?.$object)) return;
    Object.assign(this.#values, await this.#loadPlain(this.#calls));
  }

  /** Ends the session: whatever it made goes with it. */
  async end(): Promise<void> {
    const sessions = [this.#calls, this.#foreign];
    this.#calls = null;
    this.#foreign = null;
    this.#values = null;
    for (const session of sessions) await session?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
    await Deno.remove(this.#folder, { recursive: true });
  }

  async #load(calls: ToolSession): Promise<Values> {
    const events = await this.#loadObject(calls, EVENTS);
    const maps = await this.#loadObject(calls, "maps");
    this.#foreign = new ToolSession({ objects: this.#folder });
    const foreign = await this.#loadObject(this.#foreign, EVENTS);
    for (const object of calls.session.objects.values()) {
      if (object.name === "maps") runProgram(object, "fill");
    }
    const ring = mapNamed(events, "events");
    const stream = started.parse(
      await calls.call("stream_events", { map_id: ring, background: true }),
    );
    const dump = { map_id: mapNamed(maps, "counts"), max_entries: 1 };
    const state = await calls.call("inspect_state", { fields: ["maps"], limit: 1 });
    return {
      ...await this.#loadPlain(calls),
      $other_program: events.programs[0].program_id,
      $map: dump.map_id,
      $ring: ring,
      $stream: stream.stream_id,
      $foreign_program: foreign.programs[0].program_id,
      $foreign_map: mapNamed(foreign, "events"),
      $dump_cursor: paged.parse(await calls.call("map_dump", dump)).next_cursor,
      $state_cursor: listed.parse(state).maps.next_cursor,
    };
  }

  /** What calls may unload: it holds nothing that the kernel takes long to free. */
  async #loadPlain(calls: ToolSession) {
    const { programs, object_id } = await this.#loadObject(calls, "no_maps");
    return { $program: programs[0].program_id, $object: object_id };
  }

  async #loadObject(calls: ToolSession, name: ObjectName): Promise<Loaded> {
    const source = { type: "file", path: `${this.#folder}/${name}.o` };
    return loaded.parse(await calls.call("load_program", { source }));
  }

  /** What is nested deeper than any schema goes stays: some inputs are nothing but depth. */
  #filledIn(value: Json, values: Values, depth = 0): Json {
    if (typeof value === "string") {
      if (value.startsWith(BLOB)) return this.#blobOf(Number(value.slice(BLOB.length)));
      return isStandIn(value) ? values[value] : value;
    }
    if (typeof value !== "object" || value === null || depth > DEEPEST) return value;
    const fill = (member: Json) => this.#filledIn(member, values, depth + 1);
    if (Array.isArray(value)) return value.map(fill);
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [name, fill(member)]),
    );
  }

  /** An object, changed in a way that the number decides; 0 leaves it as it is. */
  #blobOf(change: number): string {
    if (change === 0) return this.#blob.toBase64();
    return mutate(new Random(`blob ${change}`), this.#blob, ELF_HEADER_BYTES).toBase64();
  }
}

function mapNamed(object: Loaded, name: string): number {
  return object.maps.find((map) => map.name === name)?.map_id ?? 0;
}

function isStandIn(text: string): text is StandIn {
  return STAND_INS.some((standIn) => standIn === text);
}
