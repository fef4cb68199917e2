// A gadget that exists nowhere, for tests of what is done with gadgets.
import type { Gadget } from "../../../src/gadgets/skeleton.ts";

export const sampleGadget: Gadget = {
  name: "file_snoop",
  manifest: {
    title: "Files that are opened",
    question: "Who opens which file?",
    keywords: ["file", "open"],
    output: { type: "events", map: "events", event: "open_event" },
    filters: [],
    parameters: [
      {
        name: "pid",
        doc: "Only this process",
        variable: "target_pid",
        type: "integer",
        minimum: 1,
        maximum: 100,
        default: null,
      },
      {
        name: "failed",
        doc: "Also failures",
        variable: "with_failed",
        type: "boolean",
        default: true,
      },
      {
        name: "path",
        doc: 'Only this "path"',
        variable: "target_path",
        type: "text",
        max_bytes: 4,
        default: null,
      },
    ],
    fields: {},
    aggregations: [{ name: "by_pid", by: ["pid"], compute: [{ op: "count" }] }],
    needs: { kernel: "5.8", capabilities: ["CAP_BPF"], tracepoints: [], features: [] },
    cost: "Little",
    blind_spots: ["What io_uring opens"],
  },
  programs: [{ name: "on_open", section: "raw_tp/sys_enter" }],
  maps: [{ name: "events", type: "ringbuf" }],
  rodata: [{ name: "target_pid", type: "const volatile __u32", offset: 0, size: 4 }],
  bss: [],
  events: [{
    name: "open_event",
    size: 20,
    minimum: 20,
    fields: [{ name: "pid", type: "__u32", offset: 0, size: 4 }],
  }],
};
