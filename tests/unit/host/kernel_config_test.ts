import assert from "node:assert/strict";
import { parseKernelConfig } from "../../../src/host/kernel_config.ts";

const file = `#
# Automatically generated file; DO NOT EDIT.
#
CONFIG_BPF=y
CONFIG_BPF_SYSCALL=m
# CONFIG_KPROBES is not set
CONFIG_LSM="landlock,bpf"
CONFIG_HZ=250
 CONFIG_INDENTED=y
`;

Deno.test("parseKernelConfig gives what is set, without prefix and quotes", () => {
  assert.deepEqual(Object.fromEntries(parseKernelConfig(file)), {
    BPF: "y",
    BPF_SYSCALL: "m",
    LSM: "landlock,bpf",
    HZ: "250",
  });
});

Deno.test("parseKernelConfig finds nothing in what is no configuration", () => {
  assert.equal(parseKernelConfig("\u001f\u008b not set CONFIG_=y").size, 0);
});
