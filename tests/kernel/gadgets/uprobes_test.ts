// Which functions uprobes are put on, by files whose symbols are known.
import assert from "node:assert/strict";
import { EBPFError } from "../../../src/errors.ts";
import { type UprobeRequest, uprobesOf } from "../../../src/gadgets/uprobes.ts";
import { kernelTest } from "../../support/kernel_test.ts";
import { DYNSYM, functions, program } from "../../unit/elf/program_file.ts";

const attach: UprobeRequest["attach"] = {
  type: "uprobe",
  path: "path",
  known: [],
  requires: ["first"],
  probes: [
    { program: "on_return", on: "return", functions: ["first", "alias", "gone"] },
    { program: "on_entry", on: "entry", functions: ["alias", "first"] },
    { program: "on_second", on: "entry", functions: ["second", "absent"] },
    { program: "on_absent", on: "entry", functions: ["absent"] },
  ],
};

function request(given: string | null, known: readonly string[] = []): UprobeRequest {
  return {
    name: "sample",
    attach: { ...attach, known },
    parameters: [{
      name: "path",
      doc: "A file",
      type: "text",
      max_bytes: 255,
      default: null,
      variable: "probed_path",
    }],
    globals: given === null ? {} : { probed_path: given },
  };
}

/** Runs it with the paths of a good program, of one without the function, and of a text. */
async function withFiles(use: (good: string, other: string, text: string) => void): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const [good, other, text] = ["good", "other", "text"].map((name) => `${folder}/${name}`);
    await Deno.writeFile(good, program(functions, DYNSYM));
    await Deno.writeFile(other, program([{ name: "else", address: 0x400100, size: 1 }], DYNSYM));
    await Deno.writeTextFile(text, "no program");
    use(good, other, text);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

kernelTest("uprobesOf puts programs on the functions that are there, each place once", async () => {
  await withFiles((path) => {
    assert.deepEqual(uprobesOf(request(path)), [
      { program: "on_return", spec: { type: "uretprobe", path, symbol: "first" } },
      { program: "on_entry", spec: { type: "uprobe", path, symbol: "alias" } },
      { program: "on_second", spec: { type: "uprobe", path, symbol: "second" } },
    ]);
  });
});

kernelTest("uprobesOf takes the first known place that has what is required", async () => {
  await withFiles((good, other, text) => {
    const known = [`${good}/nothing`, text, other, good];
    assert.deepEqual(uprobesOf(request(null, known)).map(({ spec }) => spec.path), [
      good,
      good,
      good,
    ]);
    assert.throws(() => uprobesOf(request(null, [other])), (error) => {
      assert.ok(error instanceof EBPFError);
      assert.equal(error.code, "file_not_found");
      return /^None of .*other has the function "first"$/.test(error.message);
    });
  });
});

kernelTest("uprobesOf says what a file lacks, and what to give instead", async () => {
  await withFiles((_, other, text) => {
    const refusal = (given: string | null) => {
      try {
        uprobesOf(request(given));
      } catch (error) {
        assert.ok(error instanceof EBPFError);
        return [error.code, error.message, String(error.context.hint)];
      }
      throw new Error("it was not refused");
    };
    const [code, message, hint] = refusal(other);
    assert.deepEqual([code, message], [
      "invalid_arguments",
      `"${other}" has no function "first"`,
    ]);
    assert.match(hint, /^give path: the file with "first" among its symbols/);
    assert.match(refusal(text)[1], /is no program or library of 64 bits$/);
    assert.match(refusal("bin/bash")[1], /^"bin\/bash" is no absolute path$/);
    assert.match(refusal(null)[1], /^Gadget "sample" has neither pid nor path/);
  });
});
