// Steps that load a program of the reader's own, let it count, and take it away again.
import { compileCommand } from "./sources.ts";
import { idFrom, type Steps, textOf } from "./steps.ts";

export interface OwnProgram {
  /** Of the file, without `.bpf.c`. */
  readonly name: string;
  readonly source: string;
  readonly programs: readonly string[];
  /** The map with the counts. */
  readonly map: string;
  readonly seconds: number;
  /** What it finds out. */
  readonly question: string;
  /** How to read the counts. */
  readonly reading: string;
}

/** Nothing when the reader may not load programs. */
export function ownProgramSteps(steps: Steps, own: OwnProgram): void {
  if (!steps.can("load_program", "attach_program", "map_dump", "unload_program")) return;
  const { name, source, programs, map, seconds } = own;
  steps.step(
    `${own.question} Where you have a shell with clang and libbpf's headers, write this as ` +
      `${name}.bpf.c and compile it with: ${compileCommand(name)}\n\`\`\`c\n${source}\`\`\``,
  );
  steps.call(
    "load_program",
    { source: { type: "file", path: textOf(`absolute path of ${name}.bpf.o`) } },
    'the verifier checks it. Without a common file system give {"type": "data"} with the object ' +
      "in base64 as blob. It answers object_id, and the program_id and map_id of each part.",
  );
  const each = programs.length === 1 ? "" : ` Once for each of ${programs.join(", ")}.`;
  steps.call(
    "attach_program",
    { program_id: idFrom(`program_id of ${programs[0] ?? name}`), attachment: { type: "auto" } },
    `from now on it counts.${each}`,
  );
  steps.step(`Wait ${seconds} seconds.`);
  steps.call("map_dump", { map_name: map, max_entries: 200 }, own.reading);
  steps.call(
    "unload_program",
    { object_id: textOf("object_id of the load") },
    "detaches and releases all of it.",
  );
}
