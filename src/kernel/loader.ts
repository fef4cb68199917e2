// Loads objects one after another. The first attempt is quiet; a refused one is repeated with the
// verifier's full log and libbpf's warnings, which cost too much to collect every time.
import { textUntilNul } from "../../ffi/memory.ts";
import { fixedBytes } from "../../ffi/struct.ts";
import { EBPFError } from "../errors.ts";
import { nearest } from "../view/nearest.ts";
import { kernelFunctions } from "./attach/kernel_functions.ts";
import { LibbpfLog, silenceLibbpf } from "./libbpf_log.ts";
import { missingTarget } from "./libbpf_words.ts";
import { loadError, openError } from "./load_error.ts";
import { BpfObject, type OpenOptions } from "./object.ts";

/** log_level of BPF_PROG_LOAD: every instruction, or statistics only. */
const LOG_INSTRUCTIONS = 1;
const LOG_STATISTICS = 4;

const NEAREST = 5;

/** A global function is checked by itself, and writes up to 10 KiB that it takes back. */
const STATISTICS_BYTES = 16 << 10;
/** Kernels before 5.16 refuse buffers of 16 MiB and more. */
const FULL_LOG_BYTES = (16 << 20) - 8;

export interface LoadRequest extends OpenOptions {
  /** A file with as much of the kernel's BTF as the object asks for; for the first attempt only. */
  reducedBtfPath?: string;
  bytes: Uint8Array<ArrayBuffer>;
  /** Adjusts the opened object: pin paths, programs, globals. Runs once per attempt. */
  prepare(object: BpfObject): void;
  /** Judges the relocated instructions, also of a load that the kernel refused; may throw. */
  judge(object: BpfObject): void;
}

export interface Loaded {
  object: BpfObject;
  /** What the verifier wrote for each loaded program, in load order. */
  logs: { program: string; text: string }[];
}

/** What the whole verifier log of a refused load is given to, so that it can be read later. */
export type RefusedLog = (text: string) => void;

interface Attempt {
  object: BpfObject;
  /** 0 or a positive errno. */
  errno: number;
  logs: Loaded["logs"];
}

export class Loader {
  #last: Promise<unknown> = Promise.resolve();

  /**
   * Loads an object. libbpf's print callback is process-global, so loads wait for each other.
   * @throws object_open_failed, object_load_failed, program_load_rejected with the verifier's log
   */
  load(request: LoadRequest, refused: RefusedLog): Promise<Loaded> {
    return this.exclusively(() => this.#load(request, refused));
  }

  /** Runs other work of libbpf that sets the print callback, such as an attach. */
  exclusively<T>(work: () => T | Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #load(request: LoadRequest, refused: RefusedLog): Promise<Loaded> {
    silenceLibbpf();
    const { reducedBtfPath: btfPath } = request;
    const quick = btfPath === undefined ? request : { ...request, btfPath };
    const first = await this.#attempt(quick, (object) => statisticsLogs(object));
    if (first.errno === 0) return first;
    first.object[Symbol.dispose]();
    using log = new LibbpfLog();
    const full = fixedBytes(FULL_LOG_BYTES);
    const second = await this.#attempt(request, (object) => fullLog(object, full));
    if (second.errno === 0) return second;
    using _object = second.object;
    const verifierLog = textUntilNul(full);
    const { programs, maps } = second.object;
    const target = missingTarget(log.lines);
    const error = loadError({
      ...(target === null ? {} : { nearest: nearest(target, kernelFunctions(), NEAREST) }),
      object: request.name,
      errno: first.errno,
      verifierLog,
      lines: log.lines,
      programs: programs.map(({ name, section }) => ({
        name,
        section,
        verified: first.logs.some(({ program, text }) => program === name && text !== ""),
      })),
      maps,
    });
    if (error.context.verifier_log !== undefined) refused(verifierLog);
    throw error;
  }

  async #attempt(
    request: LoadRequest,
    logs: (object: BpfObject) => () => Loaded["logs"],
  ): Promise<Attempt> {
    using owned = new DisposableStack();
    const object = owned.use(openExplained(request));
    request.prepare(object);
    const readLogs = logs(object);
    const errno = await object.load();
    request.judge(object);
    owned.move();
    return { object, errno, logs: readLogs() };
  }
}

/** Opens an object; libbpf's warnings, cheap on this thread, go into the error. */
function openExplained(request: LoadRequest): BpfObject {
  try {
    return BpfObject.open(request.bytes, request);
  } catch {
    using log = new LibbpfLog();
    try {
      return BpfObject.open(request.bytes, request);
    } catch (error) {
      if (!(error instanceof EBPFError) || error.context.errno === undefined) throw error;
      throw openError(request.name, error.context.errno, log.lines);
    }
  }
}

/** One small buffer a program. */
function statisticsLogs(object: BpfObject): () => Loaded["logs"] {
  const buffers = object.programs.filter((program) => program.autoload).map((program) => {
    const buffer = fixedBytes(STATISTICS_BYTES);
    program.logInto(buffer, LOG_STATISTICS);
    return { program: program.name, buffer };
  });
  return () => buffers.map(({ program, buffer }) => ({ program, text: textUntilNul(buffer) }));
}

/** One large buffer for all: programs load in turn, so the refused one wrote last. */
function fullLog(object: BpfObject, buffer: Uint8Array<ArrayBuffer>): () => Loaded["logs"] {
  for (const program of object.programs) program.logInto(buffer, LOG_INSTRUCTIONS);
  return () => [];
}
