// Every tool of the program, in the order in which `tools/list` shows them.
import { attachProgramTool } from "./attach_program.ts";
import type { Tool } from "./define_tool.ts";
import { detachLink } from "./detach_link.ts";
import { getBtfTypes } from "./get_btf_types.ts";
import { inspectHooks } from "./inspect_hooks.ts";
import { inspectState } from "./inspect_state.ts";
import { listBpfMapTypes } from "./list_bpf_map_types.ts";
import { listBpfProgramTypes } from "./list_bpf_program_types.ts";
import { listGadgets } from "./list_gadgets.ts";
import { listKernelFunctions } from "./list_kernel_functions.ts";
import { listTracepoints } from "./list_tracepoints.ts";
import { loadProgram } from "./load_program.ts";
import { mapDump } from "./map_dump.ts";
import { readStream } from "./read_stream.ts";
import { runGadget } from "./run_gadget.ts";
import { stopStream } from "./stop_stream.ts";
import { streamEvents } from "./stream_events.ts";
import { systemInfo } from "./system_info.ts";
import { traceErrors } from "./trace_errors.ts";
import { triage } from "./triage.ts";
import { unloadProgramTool } from "./unload_program.ts";

/** One line per tool file; `scripts/gen_schemas.ts` refuses a tool that is missing here. */
export const toolbox: readonly Tool[] = [
  loadProgram,
  unloadProgramTool,
  attachProgramTool,
  detachLink,
  inspectState,
  inspectHooks,
  systemInfo,
  listTracepoints,
  listKernelFunctions,
  getBtfTypes,
  listBpfProgramTypes,
  listBpfMapTypes,
  listGadgets,
  triage,
  runGadget,
  traceErrors,
  streamEvents,
  readStream,
  stopStream,
  mapDump,
];
