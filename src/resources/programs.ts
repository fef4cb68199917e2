// bpf://programs and bpf://programs/{id}: what is loaded, and one program to its instructions.
import * as z from "zod";
import { EBPFError } from "../errors.ts";
import type { ProgramDump } from "../kernel/program_dump.ts";
import { describeHook } from "../tools/inspect/hook.ts";
import { describeProgram } from "../tools/inspect/program_row.ts";
import type { Missing } from "../tools/missing.ts";
import { toJson } from "../view/json.ts";
import { jsonBytes } from "../view/page.ts";
import { visibleLine } from "../view/text.ts";
import { defineResource, type ReadContext } from "./define_resource.ts";
import { defineResourceTemplate } from "./define_resource_template.ts";
import {
  completeIds,
  idVariable,
  listText,
  missingPart,
  noSuchObject,
  objectTraits,
  openInventory,
  watchObject,
} from "./object_list.ts";
import { type CalledNames, callsKernel, ProgramListing } from "./program_listing.ts";

/** Targets that a row of the list names. */
const MOST_TARGETS = 4;

export const programsResource = defineResource({
  ...objectTraits,
  uri: "bpf://programs",
  name: "programs",
  title: "Loaded programs",
  doc:
    "Every BPF program of this kernel, the newest first, with its type and what it is attached " +
    "to. Subscribe to be told within a second when one is loaded or gone.",
  read(context) {
    const inventory = openInventory(context, "program");
    const rows = inventory.programs.toReversed().map(({ id, name, type }) => {
      const links = inventory.linksOf(id);
      const targets = links.slice(0, MOST_TARGETS).map((link) => {
        return describeHook(link, inventory).text;
      });
      return {
        program_id: id,
        name: visibleLine(name),
        type: inventory.kernel.names.programType(type),
        attached: targets,
        ...(links.length > targets.length ? { attached_total: links.length } : {}),
      };
    });
    return listText("program", rows, inventory, context);
  },
  watch: ({ kernel }, changed) => kernel.lists.listen(["program"], changed),
});

export const programResource = defineResourceTemplate({
  ...objectTraits,
  uriTemplate: "bpf://programs/{id}",
  name: "program",
  title: "One program with its code",
  doc: "What is known of a program, and its instructions as the kernel rewrote them with their " +
    "lines of source, as bpftool prog dump xlated shows them. next_uri continues long ones. " +
    "Subscribe to be told when the program is gone or its links change.",
  variables: z.strictObject({ id: idVariable }),
  complete: { id: completeIds("program") },
  read({ id }, context) {
    const inventory = openInventory(context, "program");
    const program = inventory.program(id);
    if (program === null) throw noSuchObject("program", id);
    const clock = {
      statisticsOn: context.host.statisticsEnabled() === true,
      bootedAtMs: context.host.bootedAtMs(),
    };
    const row = describeProgram(program, inventory, clock);
    return codeText(id, 0, { program: row }, context, inventory.missing());
  },
  watch({ id }, services, changed) {
    return watchObject("program", id, services, changed, {
      list: "link",
      tell: () => services.kernel.relations.linksOf(id),
    });
  },
});

export const programCodeResource = defineResourceTemplate({
  ...objectTraits,
  uriTemplate: "bpf://programs/{id}/from/{instruction}",
  name: "program_code",
  title: "More of a program's code",
  doc: "Instructions of a program from one on: the next_uri of bpf://programs/{id}.",
  variables: z.strictObject({
    id: idVariable,
    instruction: z.string().regex(/^[0-9]{1,8}$/).transform(Number),
  }),
  complete: { id: completeIds("program") },
  read({ id, instruction }, context) {
    if (!context.kernel.lists.ids("program").includes(id)) throw noSuchObject("program", id);
    return codeText(id, instruction, { program_id: id }, context);
  },
});

/** It may go between the look at the list and this. */
function readDump(id: number, { kernel }: ReadContext): ProgramDump {
  try {
    return kernel.dumps.read(id);
  } catch (error) {
    const isGone = error instanceof EBPFError && error.code === "program_not_found";
    throw isGone ? noSuchObject("program", id) : error;
  }
}

/** JSON around the lines: totals, the URI of the rest, what is missing. */
const FRAME_BYTES = 640;

const nothingCalled: CalledNames = { at: () => null, callBase: null };

/** What goes before, and as many instructions as fit behind it, one at least. */
async function codeText(
  id: number,
  first: number,
  head: object,
  context: ReadContext,
  missing: readonly Missing[] = [],
): Promise<string> {
  const { kernel, host, request } = context;
  const dump = readDump(id, context);
  const names = callsKernel(dump) ? await host.symbols.addressNames() : null;
  const isNamed = names === null || names.callBase !== null;
  const listing = new ProgramListing(dump, names ?? nothingCalled, (number) => {
    return kernel.names.knownHelper(number);
  });
  const source_file = listing.file;
  const budget = request.byteBudget - FRAME_BYTES - jsonBytes({ ...head, source_file, missing });
  const lines: string[] = [];
  let bytes = 0;
  let next: number | null = null;
  for (const listed of listing.from(first)) {
    bytes += listed.lines.reduce((sum, line) => sum + jsonBytes(line), 0);
    if (bytes > budget && lines.length > 0) {
      next = listed.index;
      break;
    }
    lines.push(...listed.lines);
  }
  return toJson({
    ...head,
    source_file,
    code: {
      from: first,
      total: listing.total,
      lines,
      truncated: next !== null,
      next_uri: next === null ? null : `bpf://programs/${id}/from/${next}`,
    },
    ...missingPart([...missing, ...missingCode(dump.image.length === 0, isNamed)]),
  });
}

function missingCode(isHidden: boolean, isNamed: boolean): Missing[] {
  if (isHidden) {
    return [{
      what: "instructions",
      why: "the kernel shows this process no instructions of the program",
      remedy: "run ebpf-mcp with CAP_BPF and CAP_SYSLOG, and kernel.kptr_restrict below 2",
    }];
  }
  if (isNamed) return [];
  return [{
    what: "names of called functions",
    why: "/proc/kallsyms is missing or hides its addresses",
    remedy: "run ebpf-mcp with CAP_SYSLOG, or: sysctl kernel.kptr_restrict=0",
  }];
}
