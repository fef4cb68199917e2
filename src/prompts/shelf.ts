// Every prompt of the program, in the order in which `prompts/list` shows them.
import { auditHost } from "./audit_host.ts";
import type { Prompt } from "./define_prompt.ts";
import { diagnoseLatency } from "./diagnose_latency.ts";
import { explainVerifierRejection } from "./explain_verifier_rejection.ts";
import { findFailingSyscalls } from "./find_failing_syscalls.ts";
import { observe } from "./observe.ts";
import { whoUsesBpf } from "./who_uses_bpf.ts";
import { writeBpfProgram } from "./write_bpf_program.ts";

export const prompts: readonly Prompt[] = [
  observe,
  diagnoseLatency,
  findFailingSyscalls,
  whoUsesBpf,
  writeBpfProgram,
  explainVerifierRejection,
  auditHost,
];
