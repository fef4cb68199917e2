// The compiled loop of one stream: types each record, tests it, and copies or counts what passes.
import { compileRingDrain, type Drain, type DrainParts } from "../kernel/drain.ts";
import { compilePerfDrain } from "../kernel/perf_drain.ts";
import type { StreamDrainState } from "./stream_drain_state.ts";
import { StreamAggregate } from "./stream_aggregate.ts";
import type { CompiledFilter } from "./stream_filter.ts";
import type { StreamQueue } from "./stream_queue.ts";
import type { SourceKind } from "./stream_source.ts";
import type { StreamTypes } from "./stream_types.ts";

const count = `passed++;
  adder(u8, u32, i32, at, length);
  if (--sink.samples.due === 0) sink.samples.keep(u8, at, length, type, cpu);`;

/** Records that pass go to the queue or into the sum; the others give their room back. */
export function compileStreamDrain(
  kind: SourceKind,
  types: StreamTypes,
  filter: CompiledFilter | null,
  sink: StreamQueue | StreamAggregate,
): Drain<StreamDrainState> {
  const bindings: Record<string, unknown> = { sink, types };
  const counts = sink instanceof StreamAggregate;
  const tests = [
    ...(counts ? ["adder !== null"] : []),
    ...(filter === null ? [] : [`(${testSource(filter, bindings)})`]),
  ].join(" && ");
  const pass = counts ? count : "passed++; sink.push(i32, word, length, type, cpu);";
  const parts: DrainParts = {
    before: `let passed = 0, filtered = 0, lastLength = -1, type = -1, adder = null;
      const cpu = state.cpu;`,
    record: `
      if (length !== lastLength) {
        lastLength = length;
        type = types.indexOf(length);
        ${counts ? "adder = sink.adderOf(type);" : ""}
      }
      ${tests === "" ? pass : `if (${tests}) { ${pass} } else { filtered++; room++; }`}`,
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
