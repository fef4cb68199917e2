import assert from "node:assert/strict";
import { libc } from "../../../ffi/library.ts";
import { EBPFError } from "../../../src/errors.ts";
import { Catalogue } from "../../../src/gadgets/catalogue.ts";
import {
  operator_limits,
  OperatorGadgets,
  type OperatorList,
} from "../../../src/gadgets/operator_gadgets.ts";
import { atOnce } from "../../../src/slices.ts";
import { kernelTest } from "../../support/kernel_test.ts";
import { sampleGadget } from "../../unit/gadgets/sample_gadget.ts";

libc(); // opened before the first test, which would be told that it leaks a library

const nowhere = new URL("file:///nonexistent/gadgets/");
const { manifest } = sampleGadget;

/** A folder of gadgets, by their files; a link for what begins with `->`, a folder for null. */
async function withFolder(
  files: Readonly<Record<string, string | null>>,
  fn: (folder: string) => void,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [path, text] of Object.entries(files)) {
      const at = `${folder}/${path}`;
      await Deno.mkdir(text === null ? at : at.slice(0, at.lastIndexOf("/")), { recursive: true });
      if (text?.startsWith("->")) await Deno.symlink(text.slice(2), at);
      else if (text !== null) await Deno.writeTextFile(at, text);
    }
    fn(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function listOf(folder: string): OperatorList {
  return atOnce(new OperatorGadgets(folder).list());
}

const broken: [what: string, files: Record<string, string | null>, reason: RegExp][] = [
  ["an empty folder", { one: null }, /Cannot find "one\/manifest.json": ENOENT/],
  ["a manifest of 10 MB", { "one/manifest.json": " ".repeat(10 << 20) }, /has 10485760 bytes/],
  ["a manifest that is no JSON", { "one/manifest.json": "{" }, /manifest.json is not right: /],
  [
    "a manifest that lacks all",
    { "one/manifest.json": "{}" },
    /title: Invalid input[^;]*; question: [^;]*; keywords: /,
  ],
  [
    "a manifest with more than there is",
    { "one/manifest.json": JSON.stringify({ ...manifest, extra: 1 }) },
    /the whole: Unrecognized key: "extra"/,
  ],
  [
    "a manifest without an object",
    { "one/manifest.json": JSON.stringify(manifest) },
    /Cannot find "one\/one.bpf.o": ENOENT/,
  ],
  [
    "an object that is no ELF",
    { "one/manifest.json": JSON.stringify(manifest), "one/one.bpf.o": "hello, world" },
    /one.*ELF/,
  ],
  ["a link out of the folder", { "one/manifest.json": "->/etc/passwd" }, /manifest.json": EXDEV/],
  ["a link to itself", { "one/manifest.json": "->manifest.json" }, /manifest.json": ELOOP/],
  ["a folder for a manifest", { "one/manifest.json": null }, /is a directory, wanted a file/],
];

for (const [what, files, reason] of broken) {
  kernelTest(`OperatorGadgets.list says why it cannot take ${what}`, async () => {
    await withFolder(files, (folder) => {
      const { gadgets, broken, problem } = listOf(folder);
      assert.deepEqual([gadgets.length, broken.length, problem], [0, 1, null]);
      assert.equal(broken[0].name, "one");
      assert.match(broken[0].reason, reason);
    });
  });
}

kernelTest("OperatorGadgets.list leaves out what is no gadget's folder", async () => {
  const files = { "README.md": "text", "plain": "text", "Upper/x": "", "..hidden/x": "" };
  await withFolder(files, (folder) => {
    assert.deepEqual(listOf(folder), { gadgets: [], broken: [], problem: null });
  });
});

kernelTest("OperatorGadgets.list says that its folder is not there", () => {
  const { problem } = listOf("/nonexistent/\x1b[31m");
  assert.equal(problem, '"/nonexistent/\\x1b[31m" cannot be read: ENOENT');
});

kernelTest("OperatorGadgets.list looks at so many of 1,000, and says so", async () => {
  const names = Array.from({ length: 1_000 }, (_, index) => `g${index}`);
  await withFolder(Object.fromEntries(names.map((name) => [name, null])), (folder) => {
    const { broken, problem } = listOf(folder);
    assert.equal(broken.length, operator_limits.gadgets);
    assert.equal(problem, `${1_000 - operator_limits.gadgets} more folders are not looked at`);
  });
});

kernelTest("Catalogue.get gives the reason of an operator's gadget that is broken", async () => {
  await withFolder({ "one/manifest.json": "{" }, (folder) => {
    const catalogue = new Catalogue(nowhere, [sampleGadget], new OperatorGadgets(folder));
    const refused = (name: string, code: string) =>
      assert.throws(() => catalogue.get(name), (error) => {
        assert.ok(error instanceof EBPFError);
        assert.equal(error.code, code);
        return true;
      });
    refused("one", "invalid_gadget");
    refused("two", "unknown_gadget");
    refused("../one", "unknown_gadget");
    assert.throws(() => catalogue.get("onee"), /did you mean "one"/);
  });
});

kernelTest("Catalogue.all prefers ours to another of the same name, and says so", async () => {
  await withFolder({ file_snoop: null }, (folder) => {
    const catalogue = new Catalogue(nowhere, [sampleGadget], new OperatorGadgets(folder));
    const { builtIn, own, broken } = atOnce(catalogue.all());
    assert.deepEqual([builtIn, own], [[sampleGadget], []]);
    assert.deepEqual(broken, [{
      name: "file_snoop",
      reason: '"file_snoop" is the name of a built-in gadget, which is taken instead',
    }]);
    assert.equal(catalogue.get("file_snoop"), sampleGadget);
  });
});
