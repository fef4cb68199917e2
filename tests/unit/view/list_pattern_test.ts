import assert from "node:assert/strict";
import { EBPFError } from "../../../src/errors.ts";
import { listPattern, patternPart, patternWords } from "../../../src/view/list_pattern.ts";

const names = ["vfs_read", "vfs_write", "ksys_read", "VFS_READ", "__x64_sys_read", "a[1]", ""];

function matching(pattern: string): string[] {
  return names.filter(listPattern(pattern));
}

Deno.test("listPattern takes plain text for a part of the name, capitals counting", () => {
  assert.deepEqual(matching("read"), ["vfs_read", "ksys_read", "__x64_sys_read"]);
  assert.deepEqual(matching("FS_R"), ["VFS_READ"]);
  assert.deepEqual(matching("."), []);
  assert.deepEqual(matching(""), names);
});

Deno.test("listPattern anchors plain text by ^ and $", () => {
  assert.deepEqual(matching("^vfs_"), ["vfs_read", "vfs_write"]);
  assert.deepEqual(matching("s_read$"), ["vfs_read", "ksys_read", "__x64_sys_read"]);
  assert.deepEqual(matching("^vfs_read$"), ["vfs_read"]);
  assert.deepEqual(matching("^$"), [""]);
});

Deno.test("listPattern takes *, ? and [ for a glob of the whole name", () => {
  assert.deepEqual(matching("vfs_*"), ["vfs_read", "vfs_write"]);
  assert.deepEqual(matching("*sys?read"), ["ksys_read", "__x64_sys_read"]);
  assert.deepEqual(matching("[kv]*_read"), ["vfs_read", "ksys_read"]);
  assert.deepEqual(matching("[!a-z]*"), ["VFS_READ", "__x64_sys_read"]);
  assert.deepEqual(matching("^vfs_?rite$"), ["vfs_write"]);
  assert.deepEqual(matching("a\\[?\\]"), ["a[1]"]);
  assert.deepEqual(matching("a[[]1[]]"), ["a[1]"]);
  assert.deepEqual(matching("*"), names);
  assert.deepEqual(matching("read*"), []);
});

Deno.test("listPattern takes text between slashes for a regular expression", () => {
  assert.deepEqual(matching("/^(vfs|ksys)_r/"), ["vfs_read", "ksys_read"]);
  assert.deepEqual(matching("/^vfs_read$/i"), ["vfs_read", "VFS_READ"]);
  assert.deepEqual(matching("/\\d{2}/"), ["__x64_sys_read"]);
});

Deno.test("listPattern takes a path for a path where names may be paths", () => {
  const matches = (pattern: string, name: string) => listPattern(pattern, { names: "paths" })(name);
  assert.equal(matches("/sys/fs", "/sys/fs/bpf"), true);
  assert.equal(matches("/", "/sys"), true);
  assert.equal(matches("//", "a//b"), true);
  assert.equal(matches("/a/g", "/sys/a/g"), true);
  assert.equal(matches("/system.slice/*/g", "/system.slice/b/g"), true);
  assert.equal(matches("/^\\/a.*b$/", "/a/b"), true);
});

Deno.test("listPattern refuses what is no path but a mistaken expression", () => {
  for (const pattern of ["/^xdp_/g", "/vfs.*/gi", "/(a|b)/m", "/^/sys", "/a[[:digit:]]/"]) {
    assert.throws(() => listPattern(pattern, { names: "paths" }), { code: "invalid_arguments" });
  }
});

Deno.test("listPattern names the argument that the pattern came in", () => {
  const argumentsOf = (...given: Parameters<typeof listPattern>) => {
    try {
      return listPattern(...given);
    } catch (error) {
      return error instanceof EBPFError ? error.context.arguments : error;
    }
  };
  assert.deepEqual(argumentsOf("/[z-a]/"), ["pattern"]);
  assert.deepEqual(argumentsOf("/[z-a]/", { argument: "target" }), ["target"]);
  assert.deepEqual(argumentsOf("/a", { argument: "category" }), ["category"]);
});

const refused: readonly (readonly [string, RegExp])[] = [
  ["/(a/", /"\(" at character 1 is not closed/],
  ["/a)/", /"\)" closes nothing \(at character 2/],
  ["/[a/", /"\[" at character 1 is not closed/],
  ["/*a/", /nothing that "\*" could repeat \(at character 1/],
  ["/a**/", /a repetition is repeated/],
  ["/^*/", /"\^" cannot be repeated/],
  ["/a{2,1}/", /"\{2,1\}" wants more than it allows/],
  ["/a{1001}/", /counts further than 1000/],
  ["/a{x/", /"\{" starts no count here/],
  ["/[z-a]/", /goes backwards/],
  ["/[\\d-z]/", /needs one character at both ends/],
  ["/(?=a)/", /look-around/],
  ["/(?<n>a)/", /named groups/],
  ["/\\bread/", /"\\b" is not taken/],
  ["/(a)\\1/", /"\\1" is not taken/],
  ["/\\x4/", /2 hexadecimal digits/],
  ["/a\\/", /it ends in "\\"/],
  ["/((a{50}){50}){50}/", /too large/],
  ["/((((){1000}){1000}){1000}){1000}/", /too large/],
  [`/${"(".repeat(70)}${")".repeat(70)}/`, /nested over 64 deep/],
  ["/a/g", /"g" after the last "\/" is not taken, only "i" is/],
  ["/a/gi", /"gi" after the last/],
  ["/a", /the "\/" before the regular expression is not closed/],
  ["/", /is not closed/],
  ["//", /nothing between its slashes/],
  ["//i", /nothing between its slashes/],
  ["/[[:alpha:]]/", /"\[:alpha:\]" is not taken, write \\w, /],
  ["/[^_[:digit:]]/", /"\[:digit:\]" is not taken/],
  ["/[:space:]+/", /"\[:space:\]" is not taken/],
  ["[[:alpha:]]*", /"\[:alpha:\]" is not taken, write a range/],
  ["[!a[:alpha:]]*", /"\[:alpha:\]" is not taken/],
  ["a[b", /"\[" at character 2 is not closed/],
  ["[z-a]", /"z-a" goes backwards/],
];

for (const [pattern, message] of refused) {
  Deno.test(`listPattern says what is wrong in ${pattern.slice(0, 40)}`, () => {
    assert.throws(() => listPattern(pattern), (error) => {
      assert.ok(error instanceof EBPFError);
      assert.equal(error.code, "invalid_arguments");
      assert.match(error.message, message);
      return true;
    });
  });
}

Deno.test("patternPart is what every matching name holds, or nothing", () => {
  const parts = ["read", "^vfs_", "_read$", "*sys?read_*", "/read/", "[kv]sys", "a\\*b", "*", ""];
  assert.deepEqual(parts.map(patternPart), ["read", "vfs_", "_read", "read_", "", "", "", "", ""]);
  for (const pattern of parts) {
    for (const name of matching(pattern)) assert.ok(name.includes(patternPart(pattern)), pattern);
  }
});

Deno.test("patternWords leaves what may be a name", () => {
  const patterns = ["vfs_raed", "^vfs_raed$", "*raed*", "/^vfs_raed$/i", "sched:sched_*", "/a.b./"];
  assert.deepEqual(patterns.map(patternWords), [
    "vfs_raed",
    "vfs_raed",
    "raed",
    "vfs_raed",
    "sched:sched_",
    "a.b",
  ]);
});
