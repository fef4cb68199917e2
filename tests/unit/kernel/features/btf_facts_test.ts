// What features take from the kernel's types, on BTF of our own.
import assert from "node:assert/strict";
import { Btf } from "../../../../src/btf/btf.ts";
import { kfuncsOf } from "../../../../src/kernel/features/call_probes.ts";
import { contextTypes } from "../../../../src/kernel/features/context_types.ts";
import { kernelNumbers, numberedNames, uapiEnums } from "../../../../src/kernel/features/enums.ts";
import { integerBtf } from "../../../../src/kernel/features/integer_btf.ts";
import { operationAttempts, targetAttempts } from "../../../../src/kernel/features/targets.ts";
import { programTypes } from "../../../../src/kernel/uapi_types.ts";
import { BtfBuilder } from "../../../support/btf_builder.ts";

function built(fill: (builder: BtfBuilder) => void): Btf {
  const builder = new BtfBuilder();
  fill(builder);
  return Btf.parse(builder.bytes());
}

Deno.test("numberedNames gives the table's names without BTF, and never unspec", () => {
  const names = numberedNames(uapiEnums.programType, null);
  assert.equal(names.length, programTypes.length - 1);
  assert.deepEqual(names[0], { number: 1, name: "socket_filter" });
  assert.equal(kernelNumbers(uapiEnums.programType, null), null);
});

Deno.test("numberedNames adds what a newer kernel has, and keeps what an older one lacks", () => {
  const btf = built((builder) => {
    builder.enumeration("bpf_prog_type", 4, {
      BPF_PROG_TYPE_UNSPEC: 0,
      BPF_PROG_TYPE_XDP: 6,
      BPF_PROG_TYPE_FROM_THE_FUTURE: 99,
      __MAX_BPF_PROG_TYPE: 100,
    });
  });
  const names = numberedNames(uapiEnums.programType, btf);
  assert.deepEqual(names.at(-1), { number: 99, name: "from_the_future" });
  assert.equal(names.length, programTypes.length);
  assert.deepEqual(kernelNumbers(uapiEnums.programType, btf), new Set([0, 6, 99]));
});

Deno.test("contextTypes pairs what programs see with what the kernel has", () => {
  const btf = built((builder) => {
    const md = builder.struct("xdp_md", 24, []);
    const buff = builder.struct("xdp_buff", 56, []);
    const pointer = builder.ptr(0);
    builder.struct("bpf_ctx_convert", 96, [
      { name: "BPF_PROG_TYPE_XDP_prog", type: md, offset: 0 },
      { name: "BPF_PROG_TYPE_XDP_kern", type: buff, offset: 24 },
      { name: "BPF_PROG_TYPE_RAW_TRACEPOINT_prog", type: pointer, offset: 80 },
      { name: "BPF_PROG_TYPE_RAW_TRACEPOINT_kern", type: pointer, offset: 88 },
      { name: "other", type: pointer, offset: 88 },
    ]);
  });
  assert.deepEqual([...contextTypes(btf)], [
    ["xdp", { program: "struct xdp_md", kernel: "struct xdp_buff" }],
    ["raw_tracepoint", { program: "void *", kernel: "void *" }],
  ]);
  assert.deepEqual([...contextTypes(built((builder) => void builder.int("int", 4)))], []);
});

Deno.test("kfuncsOf finds functions by their tag, and no others", () => {
  const btf = built((builder) => {
    const int = builder.int("int", 4, { signed: true });
    const prototype = builder.prototype(int, {});
    const second = builder.func("bpf_second", prototype);
    const first = builder.func("bpf_first", prototype);
    const plain = builder.func("bpf_plain", prototype);
    builder.declTag("bpf_kfunc", second);
    builder.declTag("bpf_kfunc", first);
    builder.declTag("bpf_fastcall", first);
    builder.declTag("noise", plain);
  });
  assert.deepEqual(kfuncsOf(btf).map(({ name }) => name), ["bpf_first", "bpf_second"]);
});

Deno.test("targetAttempts names a target for each hook that BTF has one of", () => {
  const btf = built((builder) => {
    const prototype = builder.prototype(0, {});
    builder.typedef("btf_trace_sys_enter", builder.ptr(prototype));
    builder.func("do_exit", prototype);
  });
  const numbers = new Map([["trace_raw_tp", 23], ["trace_fentry", 24], ["trace_iter", 28]]);
  const attempts = [...targetAttempts({ name: "tracing", number: 26 }, numbers, btf)];
  assert.deepEqual(attempts.map(({ attach }) => attach), ["trace_raw_tp", "trace_fentry"]);
  assert.deepEqual(
    attempts.map(({ attachBtfId }) => attachBtfId),
    [btf.find("btf_trace_sys_enter", "typedef")[0], btf.find("do_exit", "func")[0]],
  );
  assert.deepEqual([...targetAttempts({ name: "xdp", number: 6 }, numbers, btf)], []);
});

Deno.test("operationAttempts goes through the functions of structs that programs implement", () => {
  const btf = built((builder) => {
    const int = builder.int("int", 4);
    const operation = builder.ptr(builder.prototype(0, {}));
    const operations = builder.struct("tcp_congestion_ops", 24, [
      { name: "key", type: int, offset: 0 },
      { name: "ssthresh", type: operation, offset: 8 },
      { name: "undo_cwnd", type: operation, offset: 16 },
    ]);
    builder.struct("bpf_struct_ops_tcp_congestion_ops", 32, [
      { name: "data", type: operations, offset: 8 },
    ]);
  });
  const members = [...operationAttempts(27, btf)].map(({ expectedAttachType }) =>
    expectedAttachType
  );
  assert.deepEqual(members, [1, 2]);
});

Deno.test("integerBtf is BTF with one type, a signed int of 4 bytes", () => {
  const btf = Btf.parse(integerBtf());
  assert.equal(btf.typeCount, 2);
  assert.equal(btf.name(1), "int");
  assert.equal(btf.sizeOf(1), 4);
  assert.equal(btf.int(1).signed, true);
});
