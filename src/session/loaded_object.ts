// An object in the kernel: its programs and maps with the ids that bpftool shows.
import type { Btf } from "../btf/btf.ts";
import { BpfMap } from "../kernel/bpf_map.ts";
import type { BpfObject } from "../kernel/object.ts";
import type { Program } from "../kernel/program.ts";
import { type ProgramInfo, programInfo } from "../kernel/program_info.ts";
import { DroppedCounter } from "./dropped_counter.ts";
import type { Released } from "./gone.ts";

export interface LoadedProgram {
  readonly program: Program;
  readonly info: ProgramInfo;
}

export class LoadedObject implements AsyncDisposable {
  #programs: readonly LoadedProgram[];
  readonly maps: readonly BpfMap[];
  readonly #object: BpfObject;
  readonly #dropped: DroppedCounter;

  /**
   * Takes ownership of a loaded object.
   * @param objectId ours; the kernel has no id for what a load made together
   * @param clearedPinPaths where the object asked to pin its maps, and they are not
   */
  constructor(
    readonly objectId: string,
    object: BpfObject,
    readonly clearedPinPaths: readonly string[] = [],
  ) {
    this.#object = object;
    this.#programs = object.programs
      .filter((program) => program.fd >= 0)
      .map((program) => ({ program, info: programInfo(program.fd) }));
    this.maps = object.maps
      .filter((map) => map.fd >= 0)
      .map((map) => BpfMap.borrow(map.fd, map.name, object.btf));
    this.#dropped = new DroppedCounter(this.maps, object.btf);
  }

  /** Those that are loaded. */
  get programs(): readonly LoadedProgram[] {
    return this.#programs;
  }

  /** Everything that has an id, for whoever wants to see it gone. */
  kernelObjects(): Released[] {
    const programs = this.#programs.map(({ info }) => ({ kind: "program" as const, id: info.id }));
    return [...programs, ...this.maps.map(({ info }) => ({ kind: "map" as const, id: info.id }))];
  }

  /** Unloads one program; the maps and the other programs stay. */
  unloadProgram(programId: number): void {
    const gone = this.#programs.find(({ info }) => info.id === programId);
    this.#programs = this.#programs.filter((kept) => kept !== gone);
    gone?.program.unload();
  }

  get name(): string {
    return this.#object.name;
  }

  get btf(): Btf | null {
    return this.#object.btf;
  }

  /** What the object says it lost since its load; null when it does not count. */
  droppedCount(): bigint | null {
    return this.#dropped.read();
  }

  /**
   * Runs that the kernel skipped since the load, because the program was in the middle of another
   * on that CPU: from Linux 7.0 on tracepoints can be preempted. Null when it does not count.
   * @since Linux 5.12
   */
  missedRuns(): bigint | null {
    const counts = this.#programs.map(({ program }) => programInfo(program.fd).recursionMisses);
    return counts.reduce<bigint | null>((sum, count) => {
      return sum === null || count === null ? null : sum + count;
    }, 0n);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#object[Symbol.dispose]();
    return Promise.resolve();
  }
}
