// bpf_activity over a program that calls bpf(2) as often as it is told.
import assert from "node:assert/strict";
import type { Fields } from "../../../tests/support/answers.ts";
import { gadgetTest } from "../../../tests/support/gadgets.ts";

const EINVAL = -22;
const none = "BPF_PROG_TYPE_UNSPEC";

const seen = (one: Fields) => [
  one.command,
  one.program_type,
  one.map_type,
  one.name,
  one.object_id,
];

gadgetTest("bpf_activity", "reports what is made, by its id", async ({ observe }) => {
  const { events, subject, answers } = await observe("security", [
    "bpf_maps 20",
    "bpf_programs 10",
  ]);
  const [maps, programs] = answers.map((ids) => ids.map(Number));
  const array = ["BPF_MAP_CREATE", none, "BPF_MAP_TYPE_ARRAY", "security_map"];
  const filter = [
    "BPF_PROG_LOAD",
    "BPF_PROG_TYPE_SOCKET_FILTER",
    "BPF_MAP_TYPE_UNSPEC",
    "security_prog",
  ];
  assert.deepEqual(events.map(seen), [
    ...maps.map((id) => [...array, id]),
    ...programs.map((id) => [...filter, id]),
  ]);
  assert.equal(maps.length + programs.length, 30);
  assert.deepEqual(events.slice(20).map(({ program_id }) => program_id), programs);
  assert.ok(events.slice(20).every(({ instructions }) => instructions === 2));
  for (const { pid, comm, ret, attach_type } of events) {
    assert.deepEqual([pid, comm, ret, attach_type], [subject.pid, "security", 0, 0xffff_ffff]);
  }
});

gadgetTest("bpf_activity", "reports what is attached and pinned, and where", async (test) => {
  const { events, subject, answers } = await test.observe("security", [
    "bpf_links 4",
    "bpf_pins 6",
  ]);
  const program = Number(answers[0][0]);
  const where = (one: Fields) => [one.command, one.program_id, one.name, one.target];
  const path = `/sys/fs/bpf/security-${subject.pid}`;
  assert.deepEqual(events.map(where), [
    ["BPF_PROG_LOAD", program, "security_link", ""],
    ...Array(4).fill([
      "BPF_RAW_TRACEPOINT_OPEN",
      program,
      "security_link",
      "oom_score_adj_update",
    ]),
    ["BPF_MAP_CREATE", 0, "security_map", ""],
    ...Array(6).fill([["BPF_OBJ_PIN", 0, "", path], ["BPF_OBJ_GET", 0, "", path]]).flat(),
  ]);
  const links = events.slice(1, 5).map(({ object_id }) => Number(object_id));
  assert.equal(new Set(links).size, 4);
  assert.ok(links.every((id) => id > 0));
});

gadgetTest("bpf_activity", "reports elements when asked, and what is refused", async (test) => {
  const commands = ["bpf_elements 7", "bpf_fails 5"];
  const { events } = await test.observe("security", commands, { also: { failed_only: true } });
  const failures = [
    ["BPF_PROG_LOAD", "refused", EINVAL],
    ["BPF_MAP_CREATE", "", EINVAL],
    [9999, "", EINVAL],
  ];
  const failed = (one: Fields) => [one.command, one.name, one.ret];
  assert.deepEqual(events.map(failed), Array(5).fill(failures).flat());
  const every = await test.observe("security", commands, { also: { every_command: true } });
  assert.equal(every.events.length, 1 + 2 * 7 + 3 * 5);
  const some = await test.observe("security", commands);
  assert.equal(some.events.length, 1 + 3 * 5);
});

gadgetTest("bpf_activity", "leaves out the process that it is told", async (test) => {
  const [subject, twin] = [await test.workload("security"), await test.workload("security")];
  const running = await test.start({ cgroup: `/${test.cgroup.name}`, excluded_pid: twin.pid });
  for (const one of [subject, twin]) await one.run("bpf_maps 9");
  const { events } = await running.stop();
  assert.deepEqual(events.map(({ pid }) => pid), Array(9).fill(subject.pid));
});
