import assert from "node:assert/strict";
import { generatedToken } from "../../../../src/server/http/token_file.ts";

async function inFolder(work: (folder: string) => Promise<void> | void): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("generatedToken makes a private file once", () =>
  inFolder((folder) => {
    const first = generatedToken([`${folder}/run`]);
    assert.equal((Deno.statSync(first.path).mode ?? 0) & 0o777, 0o600);
    assert.equal((Deno.statSync(`${folder}/run`).mode ?? 0) & 0o777, 0o700);
    assert.deepEqual(generatedToken([`${folder}/run`]), first);
  }));

Deno.test("generatedToken takes the next folder when one cannot be used", () =>
  inFolder((folder) => {
    Deno.writeTextFileSync(`${folder}/file`, "");
    Deno.mkdirSync(`${folder}/open`);
    Deno.chmodSync(`${folder}/open`, 0o777);
    const { path } = generatedToken([`${folder}/file`, `${folder}/open`, `${folder}/good`]);
    assert.equal(path, `${folder}/good/http-token`);
    assert.throws(() => generatedToken([`${folder}/open`]), /give --token-file/);
  }));

Deno.test("generatedToken refuses a file that others can read, and a link", () =>
  inFolder((folder) => {
    const { path } = generatedToken([folder]);
    Deno.chmodSync(path, 0o644);
    assert.throws(() => generatedToken([folder]), /others than the folder's owner could know it/);
    Deno.renameSync(path, `${folder}/elsewhere`);
    Deno.chmodSync(`${folder}/elsewhere`, 0o600);
    Deno.symlinkSync(`${folder}/elsewhere`, path);
    assert.throws(() => generatedToken([folder]), /could know it/);
  }));
