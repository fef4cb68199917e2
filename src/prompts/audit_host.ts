// Is BPF on this host as it should be: settings, and what is loaded.
import * as z from "zod";
import { definePrompt } from "./define_prompt.ts";
import { hostFacts, strangers } from "./facts.ts";
import { Steps } from "./steps.ts";

export const auditHost = definePrompt({
  name: "audit_host",
  title: "Audit this host's BPF",
  doc: "Check the kernel's BPF settings and every loaded program for what should not be there.",
  toolset: "reflect",
  effect: "read",
  arguments: z.strictObject({
    expected: z.string().max(500).default("")
      .describe("What is known to use BPF here, such as cilium, systemd, falco"),
  }),
  render({ expected }, context) {
    const steps = new Steps(context.tools);
    steps.call(
      "system_info",
      {},
      "unprivileged_bpf_disabled should be 1 or 2, bpf_jit_harden 1 or 2 where strangers run " +
        "code, kptr_restrict and perf_event_paranoid not 0, lockdown as the operator wants it.",
    );
    steps.call(
      "inspect_state",
      { fields: ["programs", "links"], limit: 200 },
      "page through all of it. For each program ask who owns it, and whether that owner is known.",
    );
    steps.call(
      "inspect_state",
      { fields: ["programs", "maps", "links"], pinned_only: true },
      "what outlives its maker. A pin without a known service is a finding.",
    );
    steps.call("inspect_hooks", {}, "attachments without a link, and in other namespaces.");
    steps.step(
      "Read the resource bpf://programs/{id} of every program whose owner is unknown, and of " +
        "every kprobe, tracing, lsm, xdp and sched_cls program. Look at the functions it calls: " +
        "bpf_probe_write_user, bpf_override_return, bpf_send_signal, bpf_skb_store_bytes, " +
        "bpf_set_retval and bpf_sys_bpf change what others see; bpf_probe_read_user on " +
        "credentials or bpf_override_return on getdents or kill is how rootkits hide.",
    );
    steps.step(
      "Answer with findings by severity, each with the ids that prove it and the command or tool " +
        "that removes it; then what is in order; then what could not be looked at and why. " +
        "Change nothing.",
    );
    const known = expected === "" ? "" : ` Known to use it: ${expected}.`;
    const text = `Audit the use of BPF on this host.${known}\n${hostFacts(context)}\n\n` +
      `${steps.text}\n\n${strangers}`;
    return [{ role: "user", content: { type: "text", text } }];
  },
});
