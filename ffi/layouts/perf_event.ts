// perf_event_open(2): linux/perf_event.h.
import type { StructLayout } from "../struct.ts";

export const perf_event_attr = {
  name: "perf_event_attr",
  header: "linux/perf_event.h",
  size: 128,
  fields: {
    type: [0, 4],
    size: [4, 4],
    config: [8, 8],
    sample_period: [16, 8],
    sample_freq: [16, 8],
    sample_type: [24, 8],
    read_format: [32, 8],
    wakeup_events: [48, 4],
    config1: [56, 8],
    config2: [64, 8],
    clockid: [92, 4],
  },
} as const satisfies StructLayout;

export const perf_event_mmap_page = {
  name: "perf_event_mmap_page",
  header: "linux/perf_event.h",
  size: 1088,
  fields: {
    version: [0, 4],
    data_head: [1024, 8],
    data_tail: [1032, 8],
    data_offset: [1040, 8],
    data_size: [1048, 8],
  },
} as const satisfies StructLayout;

export const perf_event_header = {
  name: "perf_event_header",
  header: "linux/perf_event.h",
  size: 8,
  fields: {
    type: [0, 4],
    misc: [4, 2],
    size: [6, 2],
  },
} as const satisfies StructLayout;
