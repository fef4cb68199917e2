import assert from "node:assert/strict";
import { parseTracepointFormat } from "../../../src/host/tracepoint_format.ts";

const recorded = `name: sched_process_exec
ID: 368
format:
	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
	field:unsigned char common_flags;	offset:2;	size:1;	signed:0;
	field:unsigned char common_preempt_count;	offset:3;	size:1;	signed:0;
	field:int common_pid;	offset:4;	size:4;	signed:1;

	field:__data_loc char[] filename;	offset:8;	size:4;	signed:0;
	field:pid_t pid;	offset:12;	size:4;	signed:1;
	field:pid_t old_pid;	offset:16;	size:4;	signed:1;

print fmt: "filename=%s pid=%d old_pid=%d", __get_str(filename), REC->pid, REC->old_pid
`;

Deno.test("parseTracepointFormat reads id, fields and print format of a recorded file", () => {
  assert.deepEqual(parseTracepointFormat(recorded), {
    id: 368,
    fields: [
      { name: "filename", type: "__data_loc char[]", offset: 8, size: 4, signed: false },
      { name: "pid", type: "pid_t", offset: 12, size: 4, signed: true },
      { name: "old_pid", type: "pid_t", offset: 16, size: 4, signed: true },
    ],
    print: `"filename=%s pid=%d old_pid=%d", __get_str(filename), REC->pid, REC->old_pid`,
  });
});

const declarations: readonly (readonly [string, string, string])[] = [
  ["char comm[16]", "char[16]", "comm"],
  ["__u8 saddr[sizeof(struct sockaddr_in6)]", "__u8[sizeof(struct sockaddr_in6)]", "saddr"],
  ["unsigned long args[6]", "unsigned long[6]", "args"],
  ["const char * filename", "const char *", "filename"],
  ["const char *filename", "const char *", "filename"],
  ["struct sock *const sk", "struct sock *const", "sk"],
  ["u8 grid[2] [3]", "u8[2][3]", "grid"],
  ["__rel_loc char[] name", "__rel_loc char[]", "name"],
  ["enum dma_data_direction dir", "enum dma_data_direction", "dir"],
  ["int (*compare)(const void *, int)", "int (*)(const void *, int)", "compare"],
];

for (const [declaration, type, name] of declarations) {
  Deno.test(`parseTracepointFormat splits ${declaration}`, () => {
    const line = `\tfield:${declaration};\toffset:8;\tsize:4;\tsigned:0;\n`;
    assert.deepEqual(parseTracepointFormat(line).fields, [
      { name, type, offset: 8, size: 4, signed: false },
    ]);
  });
}

Deno.test("parseTracepointFormat takes a kernel before 2.6.37, which says no sign", () => {
  const { fields } = parseTracepointFormat("\tfield:int fd;\toffset:8;\tsize:4;\n");
  assert.deepEqual(fields, [{ name: "fd", type: "int", offset: 8, size: 4, signed: false }]);
});

const hostile: readonly (readonly [string, string])[] = [
  ["nothing", ""],
  ["bytes that are no text", "\ufffd\ufffd\\x00"],
  ["a field without a name", "\tfield:int;\toffset:8;\tsize:4;\tsigned:1;"],
  ["a field without a type", "\tfield:fd;\toffset:8;\tsize:4;\tsigned:1;"],
  ["a field that is not closed", "\tfield:int fd;\toffset:8;\tsize:4"],
  ["a negative offset", "\tfield:int fd;\toffset:-8;\tsize:4;\tsigned:1;"],
  ["an offset beyond numbers", `\tfield:int fd;\toffset:${"9".repeat(30)};\tsize:4;\tsigned:1;`],
  ["another sign", "\tfield:int fd;\toffset:8;\tsize:4;\tsigned:2;"],
  ["a field of a megabyte", `\tfield:${"int (*".repeat(1 << 17)};\toffset:8;\tsize:4;`],
];

for (const [what, text] of hostile) {
  Deno.test(`parseTracepointFormat makes nothing of ${what}`, () => {
    assert.deepEqual(parseTracepointFormat(text), { id: null, fields: [], print: null });
  });
}

Deno.test("parseTracepointFormat stops after 512 fields", () => {
  const line = "\tfield:int fd;\toffset:8;\tsize:4;\tsigned:1;\n";
  assert.equal(parseTracepointFormat(line.repeat(100_000)).fields.length, 512);
});
