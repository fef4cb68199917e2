import assert from "node:assert/strict";
import { parseFdinfo } from "../../../src/host/fdinfo.ts";

const head = "pos:\t0\nflags:\t02000002\nmnt_id:\t15\nino:\t1062\n";

Deno.test("parseFdinfo: tells programs, maps and BTF by their ids", () => {
  const program =
    `${head}prog_type:\t5\nprog_jited:\t1\nprog_tag:\t59bfb2d2da9d12bf\nmemlock:\t4096\n` +
    "prog_id:\t1333\nrun_time_ns:\t0\nrun_cnt:\t0\n";
  const map =
    `${head}map_type:\t2\nkey_size:\t4\nvalue_size:\t8\nmax_entries:\t1\nmap_flags:\t0x0\n` +
    "memlock:\t320\nmap_id:\t331\nfrozen:\t0\nowner_prog_type:\t5\nowner_jited:\t1\n";
  assert.deepEqual(parseFdinfo(program), { kind: "program", id: 1333 });
  assert.deepEqual(parseFdinfo(map), { kind: "map", id: 331 });
  assert.deepEqual(parseFdinfo(`${head}btf_id:\t477\n`), { kind: "btf", id: 477 });
});

Deno.test("parseFdinfo: takes a link for a link, although it names its program too", () => {
  const link = `${head}link_type:\tperf\nlink_id:\t107\nprog_tag:\td79c2da6f048eef9\nprog_id:\t9\n`;
  assert.deepEqual(parseFdinfo(link), { kind: "link", id: 107 });
  const iterator = `${head}link_type:\titer\nlink_id:\t8\nprog_tag:\tx\nprog_id:\t9\nmap_id:\t3\n`;
  assert.deepEqual(parseFdinfo(iterator), { kind: "link", id: 8 });
});

Deno.test("parseFdinfo: finds nothing in other descriptors, nor in text that is cut", () => {
  for (const text of ["", head, "eventfd-count: 0\n", `${head}prog_id:\t\n`, "prog_id:\t0\n"]) {
    assert.equal(parseFdinfo(text), null, JSON.stringify(text));
  }
});
