// Whether the running kernel takes programs at begin and end of its functions (fentry, fexit): one
// of two instructions is loaded for a function that every kernel has, and closed again.
import type { Btf } from "../btf/btf.ts";
import { Attempts } from "./features/attempt.ts";
import { type Judgement, refusal, untried } from "./features/feature.ts";
import { returnZero } from "./features/instructions.ts";
import { Privileges } from "./features/privileges.ts";
import type { KernelBtf } from "./kernel_btf.ts";
import { attachTypes, programTypes } from "./uapi_types.ts";

/** In the order in which they are tried. */
const FUNCTIONS = ["vfs_read", "ksys_read", "do_exit"];

export interface FunctionPrograms {
  readonly fentry: Judgement;
  readonly fexit: Judgement;
}

export class FunctionProgramProbe {
  readonly #btf: KernelBtf;
  #found: { readonly key: string; readonly programs: FunctionPrograms } | null = null;

  constructor(btf: KernelBtf) {
    this.#btf = btf;
  }

  /**
   * What the kernel answers; asked again only when the capabilities of this process changed.
   * @since Linux 5.5 on x86-64, 6.0 on arm64
   */
  read(): FunctionPrograms {
    const privileges = Privileges.read();
    if (this.#found?.key === privileges.key) return this.#found.programs;
    const programs = this.#try(privileges);
    this.#found = { key: privileges.key, programs };
    return programs;
  }

  #try(privileges: Privileges): FunctionPrograms {
    const btf = this.#btf.readable();
    const target = btf === null ? undefined : targetOf(btf);
    if (target === undefined) {
      const nothing = untried("the kernel shows no BTF, which names the functions");
      return { fentry: nothing, fexit: nothing };
    }
    const attempts = new Attempts();
    const lacking = privileges.lacking(["CAP_BPF", "CAP_PERFMON"]);
    const judgement = (attach: "trace_fentry" | "trace_fexit"): Judgement => {
      const { errno } = attempts.load({
        type: programTypes.indexOf("tracing"),
        instructions: returnZero(),
        expectedAttachType: attachTypes.indexOf(attach),
        attachBtfId: target,
      });
      if (errno === 0) return { accepted: true, errno: null, why: "loads" };
      return refusal(errno, "attach type", { lacking, allowed: isAllowed(attempts) });
    };
    return { fentry: judgement("trace_fentry"), fexit: judgement("trace_fexit") };
  }
}

function targetOf(btf: Btf): number | undefined {
  return FUNCTIONS.flatMap((name) => btf.find(name, "func"))[0];
}

/** Whether the kernel lets this process load what needs the least. */
function isAllowed(attempts: Attempts): boolean {
  const type = programTypes.indexOf("socket_filter");
  return attempts.load({ type, instructions: returnZero() }).errno === 0;
}
