import assert from "node:assert/strict";
import type { ProcessFacts } from "../../../src/host/enrichment/enrichment.ts";
import { describeWho, type Known, whoIsWho } from "../../../src/tools/who.ts";

const worker: ProcessFacts = {
  pid: 10,
  ppid: 1,
  startTicks: 5n,
  startedAtMs: 0,
  comm: "worker",
  args: ["/bin/worker", "--queue", "mail"],
  exe: "/bin/worker",
  uid: 33,
  residence: { unit: "mail.service" },
};

const id = "ab".repeat(32);

/** What a host knows: one process, one user, one container. */
const known: Known = {
  process: (pid) => pid === 10 ? worker : null,
  user: (uid) => uid === 33 ? "www-data" : null,
  containerName: ({ runtime }) =>
    runtime === "docker" ? { name: "web", image: "nginx:1", pod: "shop/web-0" } : null,
};

Deno.test("describeWho: tells command, user and unit of a process that lives", () => {
  assert.deepEqual(describeWho(known, { pid: 10, comm: "worker" }), {
    user: "www-data",
    command: "/bin/worker --queue mail",
    unit: "mail.service",
  });
});

Deno.test("describeWho: takes a process of another name for another process", () => {
  assert.deepEqual(describeWho(known, { pid: 10, comm: "other" }), {});
  assert.deepEqual(describeWho(known, { pid: 11, comm: "gone", uid: 33 }), { user: "www-data" });
});

Deno.test("describeWho: names containers by their runtime's files, else by runtime and id", () => {
  const where = (runtime: "docker" | "podman", pod?: string) =>
    describeWho(known, {
      pid: 11,
      comm: "x",
      residence: { container: { runtime, id }, ...(pod === undefined ? {} : { pod }) },
    });
  assert.deepEqual(where("docker", "uid-1"), {
    container: "web",
    image: "nginx:1",
    pod: "shop/web-0",
  });
  assert.deepEqual(where("podman", "uid-1"), { container: "podman:abababababab", pod: "uid-1" });
});

Deno.test("describeWho: cuts a long command line", () => {
  const long: Known = { ...known, process: () => ({ ...worker, args: ["x".repeat(500)] }) };
  const { command = "" } = describeWho(long, { pid: 10, comm: "worker" });
  assert.equal(command.length, 120);
  assert.ok(command.endsWith("…"));
});

Deno.test("whoIsWho: names each process of the events once, by group where they say it", () => {
  const path = "/sys/fs/cgroup/x";
  const host = {
    ...known,
    groups: (ids: Iterable<bigint>) =>
      new Map(Array.from(ids, (one) => [one, { path, unit: `unit-${one}.service` }])),
  };
  const events = [
    { pid: 10, comm: "worker", cgroup_id: 7 },
    { pid: 10, comm: "worker", cgroup_id: 7 },
    { pid: 12, comm: "gone", uid: 33, cgroup_id: "9007199254740993" },
    { comm: "no pid" },
    { pid: 13, comm: "one too many" },
  ];
  const found = whoIsWho(host, events, 2);
  assert.deepEqual(found, [
    {
      pid: 10,
      comm: "worker",
      user: "www-data",
      command: "/bin/worker --queue mail",
      unit: "unit-7.service",
    },
    { pid: 12, comm: "gone", user: "www-data", unit: "unit-9007199254740993.service" },
  ]);
});
