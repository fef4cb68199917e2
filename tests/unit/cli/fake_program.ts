// A program around the sample tools, with a terminal in memory.
import type { Program } from "../../../src/cli/command.ts";
import { main } from "../../../src/cli/main.ts";
import { Registry } from "../../../src/server/registry.ts";
import type { Tool } from "../../../src/tools/define_tool.ts";
import { entryOf } from "../../support/entry.ts";
import { ChunkReader, LineSink } from "../server/pipes.ts";
import { sampleServices, sampleTools } from "../server/sample_tools.ts";

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Sessions opened and released. */
  readonly opened: number;
  readonly released: number;
}

export interface Surroundings {
  readonly stdin?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly terminal?: "yes" | "no";
  /** Ends that take nothing. */
  readonly full?: readonly ("stdout" | "stderr")[];
  /** Aborted before the command starts. */
  readonly interrupted?: "yes" | "no";
  /** The program's tools, instead of the sample ones. */
  readonly tools?: readonly Tool[];
}

/** Runs one command line. */
export async function run(
  args: readonly string[],
  surroundings: Surroundings = {},
): Promise<Outcome> {
  const stdout = new LineSink();
  const stderr = new LineSink();
  stdout.isClosed = surroundings.full?.includes("stdout") === true;
  stderr.isClosed = surroundings.full?.includes("stderr") === true;
  const opened: ReturnType<typeof sampleServices>[] = [];
  const isTerminal = () => surroundings.terminal === "yes";
  const reader = new ChunkReader([new TextEncoder().encode(surroundings.stdin ?? "")]);
  const program: Program = {
    registry: new Registry(surroundings.tools ?? sampleTools),
    terminal: {
      stdin: { isTerminal, read: (buffer) => reader.read(buffer) },
      stdout: { isTerminal, write: (bytes) => stdout.write(bytes) },
      stderr: { isTerminal, write: (bytes) => stderr.write(bytes) },
      columns: () => 80,
      launch: ["/opt/ebpf-mcp"],
      environment: (name) => surroundings.environment?.[name],
      workingDirectory: () => "/home/me",
      listenForEnd() {
        const end = new AbortController();
        if (surroundings.interrupted === "yes") end.abort();
        return {
          ending: end.signal,
          divertHangup: () => {},
          exitCode: () => end.signal.aborted ? 130 : null,
        };
      },
    },
    openServices(config) {
      const services = sampleServices(config);
      opened.push(services);
      return Promise.resolve(services);
    },
    readFile(path) {
      const text = surroundings.files?.[path];
      if (text === undefined) return Promise.reject(new Error(`no file ${path}`));
      return Promise.resolve(new TextEncoder().encode(text));
    },
    shutForeignPeers: () => [],
    describeHost: () => ({ libbpf: "1.1 (system)", kernel: "6.1" }),
  };
  const code = await main(args, entryOf(program));
  return {
    code,
    stdout: stdout.text,
    stderr: stderr.text,
    opened: opened.length,
    released: opened.reduce((sum, services) => sum + services.released(), 0),
  };
}
