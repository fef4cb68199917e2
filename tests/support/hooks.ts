// inspect_hooks as tests ask it, and bpftool's views of the same hooks.
import assert from "node:assert/strict";
import * as z from "zod";
import { mustRun } from "../../scripts/command.ts";
import type { Arguments, McpSession } from "./client.ts";

const row = z.looseObject({
  kind: z.string(),
  target: z.string(),
  hook: z.record(z.string(), z.union([z.string(), z.number()])),
  program: z.object({
    id: z.int(),
    name: z.string().nullable(),
    type: z.string().nullable(),
  }).nullable(),
  link_id: z.int().nullable(),
  owners: z.array(z.looseObject({ pid: z.int(), comm: z.string() })),
  pins: z.array(z.string()).optional(),
});

export type HookRow = z.infer<typeof row>;

export const hookAnswer = z.looseObject({
  hooks: z.array(row),
  total: z.int(),
  truncated: z.boolean(),
  next_cursor: z.string().nullable(),
  by_kind: z.record(z.string(), z.int()),
  looked_at: z.looseObject({}),
  missing: z.array(z.object({ what: z.string(), why: z.string(), remedy: z.string() })),
});

export type HookAnswer = z.infer<typeof hookAnswer>;

const mostPages = 200;
const mostQuestions = 30;

/** An answer that was not cut by the time that looking takes: a busy machine is asked again. */
export async function inspectHooks(
  session: McpSession,
  args: Arguments = {},
): Promise<HookAnswer> {
  for (let asked = 1;; asked++) {
    const given = await session.ask(hookAnswer, "inspect_hooks", args);
    const isCut = given.missing.some(({ why }) => /took (?:\d+ ms|too long)$/.test(why));
    if (!isCut || asked === mostQuestions) return given;
  }
}

/** Every hook, page by page; the pages must agree with their totals. */
export async function allHooks(session: McpSession, args: Arguments = {}): Promise<HookRow[]> {
  const rows: HookRow[] = [];
  let cursor: string | null | undefined;
  for (let pages = 0; cursor !== null; pages++) {
    assert.ok(pages < mostPages, "the pages come to an end");
    const given = cursor === undefined ? args : { ...args, cursor };
    const { hooks, truncated, next_cursor } = await inspectHooks(session, given);
    assert.equal(truncated, next_cursor !== null);
    rows.push(...hooks);
    cursor = next_cursor;
  }
  return rows;
}

/** Lines of `bpftool net`, whose JSON is broken where there is a flow dissector. */
const netLines: readonly (readonly [RegExp, (match: readonly string[]) => string])[] = [
  [/^(\S+)\(\d+\) (driver|generic|offload) id (\d+)$/, ([, name, mode, id]) => {
    return `xdp ${mode} ${name} ${id}`;
  }],
  [/^(\S+)\(\d+\) tcx\/(ingress|egress) \S+ prog_id (\d+)/, ([, name, direction, id]) => {
    return `tcx ${direction} ${name} ${id}`;
  }],
  [/^(\S+)\(\d+\) (\S+) \S+ id (\d+)$/, ([, name, place = "", id]) => {
    return `tc ${place.replace("clsact/", "")} ${name} ${id}`;
  }],
  [/^id (\d+)$/, ([, id]) => `flow_dissector ${id}`],
];

/** What `bpftool net` sees in one namespace, as `xdp generic in0 12`. */
export async function bpftoolNet(wrapper: readonly string[]): Promise<string[]> {
  const [program = "", ...rest] = [...wrapper, "bpftool", "net", "show"];
  const lines = (await mustRun(program, rest)).split("\n").map((text) => text.trim());
  const hooks = lines.filter((text) => text !== "" && !text.endsWith(":"));
  return hooks.map((text) => {
    for (const [pattern, write] of netLines) {
      const match = pattern.exec(text);
      if (match !== null) return write(match);
    }
    throw new Error(`bpftool net: "${text}" is no line that is known`);
  }).sort();
}

const cgroupPrograms = z.array(z.looseObject({ id: z.int(), attach_type: z.string() }));
const cgroupTree = z.array(z.looseObject({ cgroup: z.string(), programs: cgroupPrograms }));

/** What `bpftool cgroup tree` sees, as `PATH cgroup_inet_egress 12`. */
export async function bpftoolCgroups(
  path: string,
  ...scope: readonly "effective"[]
): Promise<string[]> {
  const output = await mustRun("bpftool", ["-j", "cgroup", "tree", path, ...scope]);
  const groups = cgroupTree.parse(JSON.parse(output === "" ? "[]" : output));
  return groups.flatMap(({ cgroup, programs }) => {
    return programs.map(({ attach_type, id }) => `${cgroup} ${attach_type} ${id}`);
  }).sort();
}

const perf = z.array(z.looseObject({
  pid: z.int(),
  prog_id: z.int(),
  fd_type: z.string(),
  tracepoint: z.string().optional(),
  filename: z.string().optional(),
  offset: z.int().optional(),
}));

/** What `bpftool perf` sees of one process, as `tracepoint 12 sys_enter_getppid`. */
export async function bpftoolPerf(pid: number): Promise<string[]> {
  const found = perf.parse(JSON.parse(await mustRun("bpftool", ["-j", "perf", "show"])));
  return found
    .filter((event) => event.pid === pid)
    .map(({ prog_id, fd_type, tracepoint, filename, offset }) => {
      return `${fd_type} ${prog_id} ${tracepoint ?? `${filename}+${offset}`}`;
    })
    .sort();
}
