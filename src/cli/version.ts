// `version`: what exactly is running here.
import { configFlags, parseConfig } from "../config.ts";
import { version as programVersion } from "../version.ts";
import { type Command, configSources, exitDone } from "./command.ts";
import { printAnswer } from "./output.ts";

export const version: Command = {
  name: "version",
  doc: "Print the versions: program, runtime, libbpf, kernel",
  positionals: [],
  flags: [
    { name: "json", kind: "switch", doc: "JSON on a terminal too" },
    ...configFlags.filter((flag) => flag.name === "libbpf"),
  ],
  async run(invocation, entry) {
    const program = await entry.load();
    const config = parseConfig(configSources(invocation, program, "admin"));
    const answer = {
      version: programVersion,
      architecture: Deno.build.arch,
      deno: Deno.version.deno,
      v8: Deno.version.v8,
      ...program.describeHost(config),
    };
    const format = invocation.flags.has("json") ? "json" : "auto";
    await printAnswer(program.terminal, answer, format);
    return exitDone;
  },
};
