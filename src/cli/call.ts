// `call`: one tool in one session, its structured result on stdout.
import { configFlags, parseConfig } from "../config.ts";
import { startLog } from "../log.ts";
import { Connection } from "../server/connection.ts";
import type { Answer } from "../server/registry.ts";
import { type Command, configSources, exitDone, exitError, UsageError } from "./command.ts";
import { parseJson, readStdin } from "./input.ts";
import { complain, printAnswer, printJson, printText, ProgressDisplay } from "./output.ts";
import { accountText, drawAnswer, pictureFlags, wantedDrawing } from "./picture.ts";
import { watch } from "./watch.ts";

export const call: Command = {
  name: "call",
  doc: "Call one tool in a session of its own; prints its structured result",
  positionals: [
    { name: "tool", need: "required", doc: "the tool's name; `ebpf-mcp tools` lists them" },
    { name: "arguments", need: "optional", doc: "its arguments as JSON, or - for stdin" },
  ],
  flags: [
    { name: "json", kind: "switch", doc: "JSON on a terminal too" },
    { name: "watch", kind: "switch", doc: "ask again and again, until interrupted" },
    ...pictureFlags,
    ...configFlags,
  ],
  async run(invocation, entry) {
    const program = await entry.load();
    const { registry, terminal } = program;
    const [name = "", text = "{}"] = invocation.positionals;
    const config = parseConfig(configSources(invocation, program, "admin"));
    registry.check(config);
    const tool = registry.find(name);
    if (tool === null) throw new UsageError(registry.describeUnknown(name));
    const json = text === "-" ? await readStdin(terminal) : text;
    const args = parseJson(json, text === "-" ? "stdin" : "the argument");
    const drawing = wantedDrawing(invocation.flags, terminal);
    const format = invocation.flags.has("json") ? "json" : "auto";
    const lines = startLog(config.logLevel, terminal.stderr);
    let answer: Answer;
    let picture: string | null = null;
    {
      await using connection = new Connection(registry, await program.openServices(config));
      await using display = new ProgressDisplay(terminal);
      const ask = () =>
        connection.call(tool, args, {
          signal: invocation.ending,
          progress: (message, done, total) => display.show(message, done, total),
        });
      if (invocation.flags.has("watch")) {
        return await watch(ask, terminal, format, invocation.ending);
      }
      answer = await ask();
      if (drawing !== null && answer.ok) {
        picture = await drawAnswer(connection, answer.result, drawing, invocation.ending);
      }
    } // released before the result is printed, so that whoever reads it finds nothing left
    await lines.flush();
    if (!answer.ok) {
      await printJson(terminal, { error: answer.error });
      if (drawing !== null) await complain(terminal, `ebpf-mcp: ${answer.error.message}`);
      return exitError;
    }
    if (picture !== null) {
      await printText(terminal, picture);
      await complain(terminal, accountText(answer.result));
      return exitDone;
    }
    await printAnswer(terminal, answer.result, format);
    return exitDone;
  },
};
