// Whether the kernel counts how long programs run: it does while somebody holds a descriptor for
// it. One descriptor for the process, however many runs are measured.
import { Fd } from "../../ffi/fd.ts";
import { readText } from "../../ffi/file.ts";
import { libbpf } from "../../ffi/library.ts";
import { errnoName } from "../errno.ts";

const BPF_STATS_RUN_TIME = 0;
const SETTING = "/proc/sys/kernel/bpf_stats_enabled";

/** Someone who measures; disposed when done. */
export interface StatisticsHold extends Disposable {
  /** Why run counts stay as they are; null when the kernel counts. */
  readonly refusal: string | null;
}

export class RunStatistics {
  #fd: Fd | null = null;
  #holders = 0;

  /**
   * Lets the kernel count `run_cnt` and `run_time_ns` of all programs until the answer is disposed,
   * some 20 ns for each run. Without CAP_SYS_ADMIN it says so, unless the administrator has it
   * counted anyway (the setting kernel.bpf_stats_enabled).
   * @since Linux 5.8 @see bpf(2), BPF_ENABLE_STATS
   */
  hold(): StatisticsHold {
    const refusal = this.#open();
    if (refusal !== null) return { refusal, [Symbol.dispose]() {} };
    let held = true;
    this.#holders++;
    const release = () => {
      if (!held) return;
      held = false;
      this.#holders--;
      if (this.#holders > 0) return;
      this.#fd?.[Symbol.dispose]();
      this.#fd = null;
    };
    return { refusal, [Symbol.dispose]: release };
  }

  #open(): string | null {
    if (this.#fd !== null) return null;
    const result = libbpf().bpf_enable_stats(BPF_STATS_RUN_TIME);
    if (result >= 0) {
      this.#fd = new Fd(result);
      return null;
    }
    if (readText(SETTING) === "1") return null;
    return `the kernel counts no runs: BPF_ENABLE_STATS answered ${errnoName(-result)}, ` +
      "which wants CAP_SYS_ADMIN and Linux 5.8. So no limit of overhead is kept either";
  }
}
