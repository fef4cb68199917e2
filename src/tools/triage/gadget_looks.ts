// What the gadgets are asked, and what of their answers is out of the ordinary.
import * as z from "zod";
import { numberText } from "../../view/picture/number_text.ts";
import { type GadgetLook, numberOf, perSecond } from "./gadget_look.ts";
import { commFilter } from "./comm_filter.ts";
import { scoreOf } from "./finding.ts";

const NS_PER_MS = 1e6;
const histogram = z.looseObject({ count: z.number(), p50: z.number(), p99: z.number() });

/** A thread that could run and got no CPU for so long, once in a hundred times, is noticed. */
const usualWaitMs = 10;
/** Waits below which a percentile says nothing. */
const fewestWaits = 50;

export const runQueue: GadgetLook = {
  area: "cpu",
  wish: { gadget: "run_queue_latency", params: {} },
  most: 3,
  judge(row) {
    const waits = histogram.safeParse(row.slots).data;
    if (waits === undefined || waits.count < fewestWaits) return null;
    const p99Ms = waits.p99 / NS_PER_MS;
    const { comm, pid, total_ns } = row;
    return {
      score: scoreOf(p99Ms, usualWaitMs),
      what: `"${comm}" waits for a CPU: one wait in a hundred is longer than ` +
        `${numberText(waits.p99, "ns")}`,
      evidence: { comm, pid, waits: waits.count, p50_ns: waits.p50, p99_ns: waits.p99, total_ns },
      confidence: waits.count >= 20 * fewestWaits ? "high" : "medium",
      params: { pid },
    };
  },
};

const usualRetransmits = 1;

export const retransmits: GadgetLook = {
  area: "network",
  wish: {
    gadget: "tcp_retransmit",
    params: {},
    aggregate: {
      by: ["remote_address", "remote_port", "state", "comm"],
      compute: [{ op: "count" }],
    },
  },
  most: 3,
  judge(row, seconds) {
    const count = numberOf(row.count);
    if (count < 2) return null;
    const { remote_port, state, comm } = row;
    return {
      score: scoreOf(count / seconds, usualRetransmits),
      what: `TCP sends packets to port ${remote_port} again (${state}), ${count} times`,
      evidence: { ...row, per_second: perSecond(count, seconds) },
      confidence: count >= 10 ? "high" : "medium",
      params: commFilter(comm) ?? {},
    };
  },
};

/** Packets in a second that a host drops without being noticed. */
const usualDrops = 5;

export const drops: GadgetLook = {
  area: "network",
  wish: {
    gadget: "tcp_drop",
    params: {},
    aggregate: { by: ["reason", "destination_port", "state"], compute: [{ op: "count" }] },
  },
  most: 3,
  judge(row, seconds) {
    const count = numberOf(row.count);
    const { reason, destination_port } = row;
    return {
      score: scoreOf(count / seconds, usualDrops),
      what: `the kernel drops TCP packets to port ${destination_port}, ${count} times: ${reason}`,
      evidence: { ...row, per_second: perSecond(count, seconds) },
      confidence: count >= 10 ? "high" : "medium",
      params: { port: destination_port },
    };
  },
};

export const oomKills: GadgetLook = {
  area: "memory",
  wish: {
    gadget: "oom_kill",
    params: {},
    aggregate: { by: ["comm", "pid", "trigger_comm"], compute: [{ op: "count" }] },
  },
  most: 3,
  judge(row) {
    return {
      score: 100,
      what: `the kernel killed "${row.comm}" (pid ${row.pid}) for want of memory`,
      evidence: row,
      confidence: "high",
      params: {},
    };
  },
};

/** Programs that a host starts in a second without being noticed. */
const usualStarts = 30;

export const processStorm: GadgetLook = {
  area: "processes",
  wish: {
    gadget: "exec_snoop",
    params: {},
    aggregate: { by: ["filename", "parent_comm", "ret"], compute: [{ op: "count" }] },
  },
  most: 3,
  judge(row, seconds) {
    const count = numberOf(row.count);
    const { filename, parent_comm, ret } = row;
    const verb = ret === 0 ? "starts" : "tries to start";
    return {
      score: scoreOf(count / seconds, usualStarts),
      what: `"${parent_comm}" ${verb} "${filename}" over and over, ${count} times`,
      evidence: { ...row, per_second: perSecond(count, seconds) },
      confidence: "high",
      params: {},
    };
  },
};

/** Signals by which a program ends that has a fault: SIGQUIT is somebody's wish. */
const faults: ReadonlyMap<number, string> = new Map([
  [4, "SIGILL"],
  [5, "SIGTRAP"],
  [6, "SIGABRT"],
  [7, "SIGBUS"],
  [8, "SIGFPE"],
  [11, "SIGSEGV"],
  [31, "SIGSYS"],
]);

export const crashes: GadgetLook = {
  area: "processes",
  wish: {
    gadget: "exit_snoop",
    params: {},
    aggregate: { by: ["comm", "signal"], compute: [{ op: "count" }] },
  },
  most: 5,
  judge(row, seconds) {
    const fault = faults.get(numberOf(row.signal));
    if (fault === undefined) return null;
    const count = numberOf(row.count);
    return {
      score: scoreOf(count / seconds, 0.2, 60),
      what: `"${row.comm}" was ended by ${fault}${count === 1 ? "" : `, ${count} times`}`,
      evidence: { ...row, signal_name: fault },
      confidence: "high",
      params: commFilter(row.comm) ?? {},
    };
  },
};
