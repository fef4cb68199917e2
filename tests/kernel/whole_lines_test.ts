// Long lists read by parts, on another thread.
import assert from "node:assert/strict";
import { readWholeLines } from "../../src/host/whole_lines.ts";
import { kernelTest } from "../support/kernel_test.ts";

const MEBIBYTE = 1 << 20;
const ENOENT = 2;
const EFBIG = 27;
const encoder = new TextEncoder();

/** Lines of 1 to 97 characters that together take so many bytes. */
function linesOf(bytes: number): string {
  const lines: string[] = [];
  let length = 0;
  for (let i = 0; length < bytes; i++) {
    const line = `${i}`.padEnd(1 + i % 97, "x").slice(0, Math.max(bytes - length - 1, 0));
    lines.push(line);
    length += line.length + 1;
  }
  return `${lines.join("\n")}\n`;
}

async function read(text: string): Promise<{ errno: number; parts: string[] }> {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeFile(path, encoder.encode(text));
    const parts: string[] = [];
    const errno = await readWholeLines(path, (lines) => {
      parts.push(new TextDecoder().decode(lines));
    });
    return { errno, parts };
  } finally {
    await Deno.remove(path);
  }
}

kernelTest("readWholeLines hands over a file in parts that end where lines do", async () => {
  for (const bytes of [1, 100, 3 * MEBIBYTE - 1, 3 * MEBIBYTE, 3 * MEBIBYTE + 1, 9 * MEBIBYTE]) {
    const text = linesOf(bytes);
    assert.equal(text.length, bytes);
    const { errno, parts } = await read(text);
    assert.equal(errno, 0);
    assert.ok(parts.join("") === text, `${bytes} bytes come as they are`);
    assert.ok(parts.every((part) => part === "" || part.endsWith("\n")));
    assert.equal(parts.length > 1, bytes >= 3 * MEBIBYTE);
  }
});

kernelTest("readWholeLines takes a last line that is not closed, and nothing", async () => {
  const open = `${linesOf(4 * MEBIBYTE)}the rest`;
  const { errno, parts } = await read(open);
  assert.equal(errno, 0);
  assert.ok(parts.join("") === open);
  assert.deepEqual(await read(""), { errno: 0, parts: [""] });
});

kernelTest("readWholeLines refuses a line that no list of the kernel's has", async () => {
  const { errno } = await read("x".repeat(4 * MEBIBYTE));
  assert.equal(errno, EFBIG);
});

kernelTest("readWholeLines answers why a file cannot be read", async () => {
  assert.equal(await readWholeLines("/proc/no-such-file", () => {}), ENOENT);
  assert.notEqual(await readWholeLines("/proc/self", () => {}), 0, "a folder");
});

kernelTest("readWholeLines passes on what its taker throws, and closes the file", async () => {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeFile(path, encoder.encode(linesOf(5 * MEBIBYTE)));
    const failing = readWholeLines(path, () => {
      throw new Error("no room");
    });
    await assert.rejects(failing, /no room/);
  } finally {
    await Deno.remove(path);
  }
});
