// The compiled loop of one stream: types each record, tests it, copies what passes.
import { compileRingDrain, type Drain, type DrainParts } from "../kernel/drain.ts";
import { compilePerfDrain, type PerfDrainState } from "../kernel/perf_drain.ts";
import type { CompiledFilter } from "./stream_filter.ts";
import type { StreamQueue } from "./stream_queue.ts";
import type { SourceKind } from "./stream_source.ts";
import type { StreamTypes } from "./stream_types.ts";

/** Counts of one run; `room` counts records that pass. */
export interface StreamDrainState extends PerfDrainState {
  passed: number;
  filtered: number;
}

/** Records that pass go to `queue`; the others give their room back. */
export function compileStreamDrain(
  kind: SourceKind,
  types: StreamTypes,
  filter: CompiledFilter | null,
  queue: StreamQueue,
): Drain<StreamDrainState> {
  const bindings: Record<string, unknown> = { queue, types };
  const tests = filter === null ? null : testSource(filter, bindings);
  const push = "passed++; queue.push(i32, word, length, type, cpu);";
  const parts: DrainParts = {
    before: "let passed = 0, filtered = 0, lastLength = -1, type = -1; const cpu = state.cpu;",
    record: `
      if (length !== lastLength) { lastLength = length; type = types.indexOf(length); }
      ${tests === null ? push : `if (${tests}) { ${push} } else { filtered++; room++; }`}`,
    after: "state.passed += passed; state.filtered += filtered;",
    bindings,
  };
  return kind === "perf" ? compilePerfDrain(parts) : compileRingDrain(parts);
}

/** One expression over `type`, each type's test bound under a name of its own. */
function testSource(filter: CompiledFilter, bindings: Record<string, unknown>): string {
  const tests = filter.predicates.map((predicate, index) => {
    if (predicate === null) return `type === ${index} ? false`;
    bindings[`passes${index}`] = predicate;
    const from = cpuSource(filter.bufferCpu[index]);
    return `type === ${index} ? ${from}passes${index}(u8, at, length)`;
  });
  const { pass, cpu } = filter.untyped;
  return [...tests, pass ? `${cpuSource(cpu)}true` : "false"].join(" : ");
}

function cpuSource(cpu: number | null): string {
  return cpu === null ? "" : `cpu === ${Number(cpu)} && `;
}
