import assert from "node:assert/strict";
import type { Btf } from "../../../src/btf/btf.ts";
import { kernelError } from "../../../src/errors.ts";
import { KernelFeatures } from "../../../src/kernel/features/features.ts";
import { KernelBtf } from "../../../src/kernel/kernel_btf.ts";

const EACCES = 13;

/** BTF whose reading ends in this error. */
class FailingBtf extends KernelBtf {
  constructor(readonly error: Error) {
    super();
  }

  override get(): Btf | null {
    throw this.error;
  }
}

const hidden = new FailingBtf(kernelError("file_read_failed", "Cannot read BTF", EACCES));
const broken = new FailingBtf(new TypeError("a fault of ours"));

Deno.test("KernelBtf.readable is null where the kernel refuses, and hides no fault of ours", () => {
  assert.equal(hidden.readable(), null);
  assert.throws(() => broken.readable(), TypeError);
});

Deno.test("KernelFeatures goes on without BTF that it may not read, and hides no fault", () => {
  assert.equal(new KernelFeatures(hidden).hasBtf(), false);
  assert.throws(() => new KernelFeatures(broken).hasBtf(), TypeError);
});
