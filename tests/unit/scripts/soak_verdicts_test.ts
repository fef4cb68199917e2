import assert from "node:assert/strict";
import { emptyAccount } from "../../../scripts/soak/account.ts";
import { Latencies } from "../../../scripts/soak/latency.ts";
import type { SoakReport } from "../../../scripts/soak/run.ts";
import { judge } from "../../../scripts/soak/verdicts.ts";

function size(descriptors: number, residentMiB: number, objects = 0) {
  return { descriptors, sockets: 1, residentMiB, threads: 9, objects };
}

/** A report of a soak in which all went well, save what `changes` says. */
function report(changes: Partial<SoakReport> = {}): SoakReport {
  const latencies = new Latencies();
  latencies.add(3);
  return {
    shared: {
      objects: { flood: "", globals: "", attach_kinds: "", rejected: "" },
      account: {
        ...emptyAccount(),
        streams: 1,
        attempted: 10,
        received: 9,
        returned: 5,
        filtered: 3,
        droppedOurs: 1,
        droppedKernel: 1,
      },
      latencies,
      calls: 20,
    },
    clients: { cycles: 3, ended: { polite: 1, vanish: 1, kill: 1 }, failures: [] },
    servers: [{ name: "http", sizes: Array.from({ length: 9 }, () => size(14, 100)) }],
    leaks: [],
    ...changes,
  };
}

function failed(changes: Partial<SoakReport>): string[] {
  return judge(report(changes)).filter(({ holds }) => !holds).map(({ text }) => text);
}

Deno.test("judge holds all of a soak in which all went well", () => {
  assert.deepEqual(failed({}), []);
});

Deno.test("judge names what is left and what went wrong", () => {
  assert.match(failed({ leaks: ["map 7"] }).join(), /nothing is left.*\n.*map 7/s);
  const clients = { ...report().clients, failures: ["stdio 1: no answer"] };
  assert.match(failed({ clients }).join(), /stdio 1: no answer/);
});

Deno.test("judge wants an account of every event", () => {
  const { shared } = report();
  const lost = { ...shared, account: { ...shared.account, filtered: 2 } };
  assert.equal(failed({ shared: lost }).length, 1);
  const none = { ...shared, account: emptyAccount() };
  assert.equal(failed({ shared: none }).length, 1);
});

Deno.test("judge finds a server that grows once it is warm", () => {
  const grow = (each: (index: number) => ReturnType<typeof size>) => {
    return failed({
      servers: [{ name: "http", sizes: Array.from({ length: 9 }, (_, i) => each(i)) }],
    });
  };
  assert.match(grow((index) => size(14 + index, 100)).join(), /descriptors/);
  assert.match(grow((index) => size(14, 100 + 30 * index)).join(), /RSS/);
  assert.match(grow((index) => size(14, 100, index)).join(), /objects/);
  assert.deepEqual(grow((index) => size(14 + Math.min(index, 2), 100)), [], "warm-up is over by 3");
});
