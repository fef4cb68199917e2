// `doctor`: what this host can do, what it cannot, why, and what to do about that.
import { configFlags, parseConfig } from "../config.ts";
import { startLog } from "../log.ts";
import { Connection } from "../server/connection.ts";
import type { Answer } from "../server/registry.ts";
import { type DoctorAnswer, doctorAnswer } from "../tools/system/doctor_answer.ts";
import { systemParts } from "../tools/system_info.ts";
import { type Column, table } from "../view/text.ts";
import { type Command, configSources, exitDone, exitError, UsageError } from "./command.ts";
import { printJson, printText } from "./output.ts";

const toolName = "system_info";

export const doctor: Command = {
  name: "doctor",
  doc: "Check what this host can do, what it cannot, why, and what repairs it",
  positionals: [],
  flags: [
    { name: "json", kind: "switch", doc: "what system_info answers, as JSON" },
    ...configFlags,
  ],
  async run(invocation, entry) {
    const program = await entry.load();
    const { registry, terminal } = program;
    const config = parseConfig(configSources(invocation, program, "admin"));
    registry.check(config);
    const tool = registry.find(toolName);
    if (tool === null) throw new UsageError(registry.describeUnknown(toolName));
    const lines = startLog(config.logLevel, terminal.stderr);
    let answer: Answer;
    {
      await using connection = new Connection(registry, await program.openServices(config));
      answer = await connection.call(tool, { fields: systemParts }, {
        signal: invocation.ending,
        progress: () => Promise.resolve(),
      });
    }
    await lines.flush();
    if (!answer.ok) {
      await printJson(terminal, { error: answer.error });
      return exitError;
    }
    const told = doctorAnswer.parse(answer.result);
    if (invocation.flags.has("json")) await printJson(terminal, answer.result);
    else await printText(terminal, terminal.stdout.isTerminal() ? drawn(told) : plain(told));
    return told.observing.works ? exitDone : exitError;
  },
};

type Check = DoctorAnswer["checks"][number];

const columns: readonly Column<Check>[] = [
  { title: "CHECK", text: ({ name }) => name },
  { title: "STATUS", text: ({ status }) => status },
  { title: "FOUND", text: ({ found }) => found },
];

/** For a person: a table that fits, and below it the whole of what is not well. */
function drawn(answer: DoctorAnswer): string {
  const faults = answer.checks.filter(({ status }) => status !== "ok");
  return [
    table(answer.checks, columns),
    ...faults.map((check) => [`${check.name}: ${check.found}`, ...remarks(check)].join("\n")),
    featureLines(answer).join("\n"),
    verdict(answer),
  ].join("\n\n");
}

/** For a pipe: everything, one check after the other. */
function plain(answer: DoctorAnswer): string {
  const lines = answer.checks.flatMap((check) => {
    return [`${check.status} ${check.name}: ${check.found}`, ...remarks(check)];
  });
  return [...lines, ...featureLines(answer), verdict(answer)].join("\n");
}

function remarks({ costs, repair }: Check): string[] {
  return [
    ...(costs === null ? [] : [`  costs: ${costs}`]),
    ...(repair === null ? [] : [`  repair: ${repair}`]),
  ];
}

/** Counts of what the kernel takes, and the names of what it does not. */
function featureLines({ features, truncated }: DoctorAnswer): string[] {
  const { program_types, map_types, attach_types, helpers } = features;
  const counted = [
    ["program types", program_types],
    ["map types", map_types],
    ["attach types", attach_types],
  ] as const;
  return [
    ...counted.map(([what, { accepted, total, refused, unknown }]) => {
      return [
        `${what}: ${accepted} of ${total} taken`,
        ...(refused.length === 0 ? [] : [`refused: ${refused.join(", ")}`]),
        ...(unknown.length === 0 ? [] : [`cannot be told: ${unknown.join(", ")}`]),
      ].join("; ");
    }),
    ...helpers.map(({ program_type, accepted, total }) => {
      return `helpers of ${program_type}: ${accepted} of ${total}`;
    }),
    ...(truncated === true ? ["Not every name fits: --byte-budget 65536 has room for all"] : []),
  ];
}

function verdict({ observing }: DoctorAnswer): string {
  return observing.works
    ? `This host can do the main job: ${observing.found}`
    : `This host cannot do the main job: ${observing.found}`;
}
