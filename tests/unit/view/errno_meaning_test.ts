import assert from "node:assert/strict";
import { errnoName } from "../../../src/errno.ts";
import { errnoMeaning } from "../../../src/view/errno_meaning.ts";

Deno.test("errnoMeaning: says first what an error means for the call itself", () => {
  const meaning = (syscall: string, errno: string) => errnoMeaning(syscall, errno)?.meaning;
  assert.match(meaning("connect", "ENOENT") ?? "", /no unix socket/);
  assert.match(meaning("openat", "ENOENT") ?? "", /file is not there/);
  assert.match(meaning("futex", "EAGAIN") ?? "", /value had changed/);
  assert.match(meaning("read", "EAGAIN") ?? "", /nothing is there yet/);
  assert.equal(meaning("mount", "ENOENT"), meaning("chdir", "ENOENT"));
});

Deno.test("errnoMeaning: tells what healthy programs meet from what they do not", () => {
  assert.equal(errnoMeaning("recvfrom", "EAGAIN")?.routine, true);
  assert.equal(errnoMeaning("connect", "ECONNREFUSED")?.routine, false);
  assert.equal(errnoMeaning("openat", "EMFILE")?.routine, false);
});

Deno.test("errnoMeaning: says nothing of what it does not know", () => {
  for (const name of ["EBADRQC", "errno 200", "toString", ""]) {
    assert.equal(errnoMeaning("openat", name), null, name);
  }
});

Deno.test("errnoMeaning: knows the errors that hosts show most", () => {
  const known = Array.from({ length: 40 }, (_, at) => errnoName(at + 1))
    .filter((name) => errnoMeaning("any", name) !== null);
  assert.ok(known.length >= 33, known.join());
});
