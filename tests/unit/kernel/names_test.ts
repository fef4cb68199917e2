import assert from "node:assert/strict";
import { KernelBtf } from "../../../src/kernel/kernel_btf.ts";
import { KernelNames } from "../../../src/kernel/names.ts";
import { helpers } from "../../../src/kernel/uapi_helpers.ts";

Deno.test("KernelNames: names what the table knows without asking the kernel", () => {
  const names = new KernelNames(new KernelBtf());
  assert.equal(names.programType(18), "cgroup_sock_addr");
  assert.equal(names.mapType(4), "perf_event_array");
  assert.equal(names.mapType(19), "cgroup_storage");
  assert.equal(names.attachType(0), "cgroup_inet_ingress");
  assert.equal(names.attachType(47), "tcx_egress");
  assert.equal(names.linkType(7), "perf_event");
  assert.equal(names.helper(1), "map_lookup_elem");
  assert.equal(names.helper(211), "cgrp_storage_delete");
});

Deno.test("KernelNames: helpers lists every helper once", () => {
  const listed = new KernelNames(new KernelBtf()).helpers();
  assert.equal(listed.size, helpers.length);
  assert.equal(new Set(listed.values()).size, helpers.length);
});
