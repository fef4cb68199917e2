// Compiled loops over the records of one CPU's perf buffer (linux/perf_event.h). A perf buffer is
// mapped once, so a record that wraps is put together in a scratch area first.
import {
  compileLoop,
  type Drain,
  type DrainParts,
  type DrainState,
  type RingViews,
} from "./drain.ts";

/** What a loop over perf records needs and tells besides. */
export interface PerfDrainState extends DrainState {
  /** The CPU whose buffer is read. */
  cpu: number;
  /** Events that the kernel says it lost; grows. */
  lost: number;
}

/** `struct perf_event_header.size` has 16 bits. */
const largestRecord = 1 << 16;

/**
 * Compiles a loop over samples with PERF_SAMPLE_RAW alone. `record` sees what a ring buffer's does
 * but for the alignment of `at`, a multiple of 4, and for `length`: the kernel pads a payload of n
 * bytes so that n + 4 is a multiple of 8.
 */
export function compilePerfDrain<State extends PerfDrainState>(parts: DrainParts): Drain<State> {
  const scratch = perfViews(new ArrayBuffer(largestRecord), 0, largestRecord);
  return compileLoop(
    `return function drain(ring, offset, available, state) {
      const mask = ring.size - 1;
      let walked = 0, room = state.room;
      ${parts.before ?? ""}
      while (available > 0 && room > 0) {
        const first = offset >> 2;
        const recordType = ring.i32[first], step = ring.i32[first + 1] >>> 16;
        if (step < 8 || step > available || (step & 7) !== 0) { state.corruptAt = offset; break; }
        let { u8, i32, u32, view } = ring, start = offset;
        if (offset + step > ring.size) {
          const head = ring.size - offset;
          scratch.u8.set(ring.u8.subarray(offset), 0);
          scratch.u8.set(ring.u8.subarray(0, step - head), head);
          ({ u8, i32, u32, view } = scratch);
          start = 0;
        }
        if (recordType === 9) { // PERF_RECORD_SAMPLE: u32 size, char data[size]
          const at = start + 12, word = at >> 2, length = u32[word - 1];
          if (step < 12 || length > step - 12) { state.corruptAt = offset; break; }
          room--;
          { ${parts.record} }
        } else if (recordType === 2 && step >= 24) { // PERF_RECORD_LOST: u64 id, u64 lost
          state.lost += u32[(start >> 2) + 4] + u32[(start >> 2) + 5] * 4294967296;
        }
        offset = (offset + step) & mask;
        walked += step;
        available -= step;
      }
      state.room = room;
      ${parts.after ?? ""}
      return walked;
    };`,
    { ...parts.bindings, scratch },
  );
}

/** Views over a data area that is mapped once. */
export function perfViews(buffer: ArrayBuffer, byteOffset: number, size: number): RingViews {
  return {
    u8: new Uint8Array(buffer, byteOffset, size),
    i32: new Int32Array(buffer, byteOffset, size / 4),
    u32: new Uint32Array(buffer, byteOffset, size / 4),
    view: new DataView(buffer, byteOffset, size),
    size,
  };
}
