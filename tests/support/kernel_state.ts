// What the kernel holds, as bpftool sees it: a second pair of eyes beside the program under test.
import assert from "node:assert/strict";
import * as z from "zod";
import { mustRun, run } from "../../scripts/command.ts";
import { until } from "./within.ts";

/** By bpftool's words for them. */
export type Kind = "prog" | "map" | "link" | "btf";

/** What a test made, by the ids that our answers named. */
export interface Made {
  readonly programs?: readonly number[];
  readonly maps?: readonly number[];
  readonly links?: readonly number[];
  readonly btfs?: readonly number[];
}

const listed = z.array(z.looseObject({
  id: z.int(),
  name: z.string().optional(),
  pids: z.array(z.object({ pid: z.int(), comm: z.string() })).optional(),
}));

export type Listed = z.infer<typeof listed>[number];

const kinds = [["prog", "programs"], ["map", "maps"], ["link", "links"], ["btf", "btfs"]] as const;

const mostLooks = 50;

/** Every object of a kind; other programs on this machine have theirs among them. */
export async function list(kind: Kind): Promise<Listed[]> {
  for (let looks = 1;; looks++) {
    const { code, stdout } = await run("bpftool", ["-j", kind, "show"]);
    if (code === 0) return listed.parse(JSON.parse(stdout));
    // It gives up when an object goes away while it walks: then the walk is made again.
    assert.ok(looks < mostLooks, `bpftool ${kind} show: ${stdout}`);
  }
}

/** One object; null when the kernel has none with this id. */
export async function show(kind: Kind, id: number): Promise<Listed | null> {
  const { code, stdout } = await run("bpftool", ["-j", kind, "show", "id", String(id)]);
  if (code !== 0) {
    assert.match(stdout, /No such file/, `bpftool ${kind} show id ${id}`);
    return null;
  }
  const value: unknown = JSON.parse(stdout);
  return listed.parse(Array.isArray(value) ? value : [value])[0] ?? null;
}

/** bpftool's answer as JSON. */
export async function bpftool(...args: string[]): Promise<unknown> {
  return JSON.parse(await mustRun("bpftool", ["-j", ...args]));
}

/** Those of `made` that the kernel has now, as `map 12`. */
export async function remaining(made: Made): Promise<string[]> {
  const found: string[] = [];
  for (const [kind, member] of kinds) {
    const ids = made[member] ?? [];
    if (ids.length === 0) continue;
    const present = new Set((await list(kind)).map(({ id }) => id));
    found.push(...ids.filter((id) => present.has(id)).map((id) => `${kind} ${id}`));
  }
  return found;
}

/** Every object of `made` is in the kernel. */
export async function assertPresent(made: Made): Promise<void> {
  const wanted = kinds.reduce((sum, [, member]) => sum + (made[member]?.length ?? 0), 0);
  assert.ok(wanted > 0, "there is something to look for");
  assert.equal((await remaining(made)).length, wanted, JSON.stringify(made));
}

/** What the kernel frees after a grace period is gone by then on the busiest machine. */
const GRACE_MS = 5_000;

/** No object of `made` is in the kernel, or will be as soon as a grace period is over. */
export async function assertGone(made: Made): Promise<void> {
  const deadline = performance.now() + GRACE_MS;
  let left = await remaining(made);
  while (left.length > 0 && performance.now() < deadline) left = await remaining(made);
  assert.deepEqual(left, []);
}

/**
 * Waits until no object of `made` is in the kernel, and how long that took in ms. The kernel frees
 * some things after the process that held them is gone.
 */
export async function untilGone(made: Made, ms: number): Promise<number> {
  return await until(
    ms,
    `the release of ${JSON.stringify(made)}`,
    async () => (await remaining(made)).length === 0,
  );
}

/** Ids of the maps whose names begin so. */
export async function mapsNamed(prefix: string): Promise<number[]> {
  return (await list("map")).filter(({ name }) => name?.startsWith(prefix)).map(({ id }) => id);
}

/** Everything that a process holds by a descriptor, as procfs tells. */
export function heldBy(pid: number): Required<Made> {
  const texts = [...Deno.readDirSync(`/proc/${pid}/fdinfo`)].map(({ name }) => {
    return readIfThere(`/proc/${pid}/fdinfo/${name}`);
  });
  const ids = (field: string) => {
    const pattern = new RegExp(`^${field}:\\s*(\\d+)$`, "m");
    return texts.flatMap((text) => Number(pattern.exec(text)?.[1] ?? [])).filter((id) => id > 0);
  };
  return {
    programs: ids("prog_id"),
    maps: ids("map_id"),
    links: ids("link_id"),
    btfs: ids("btf_id"),
  };
}

/** A descriptor may be closed while its folder is read. */
function readIfThere(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

/** What a load_program answer names. */
export function madeBy(
  loaded: {
    readonly programs: readonly { program_id: number }[];
    readonly maps: readonly { map_id: number }[];
  },
): { programs: number[]; maps: number[] } {
  return {
    programs: loaded.programs.map(({ program_id }) => program_id),
    maps: loaded.maps.map(({ map_id }) => map_id),
  };
}
