// C to BTF to C to BTF: whatever C can say of a layout comes back as it was.
import assert from "node:assert/strict";
import { mustRun } from "../../scripts/command.ts";
import { Btf } from "../../src/btf/btf.ts";
import { cText } from "../../src/btf/c_text.ts";
import { listMembers } from "../../src/btf/member_list.ts";
import { ElfFile } from "../../src/elf/elf.ts";
import { kernelTest } from "../support/kernel_test.ts";

/** Each row is one struct or union called `t`, with what it needs before it. */
const layouts: [title: string, code: string][] = [
  ["natural", "struct t { char a; short b; int c; long d; char e; };"],
  ["packed", "struct t { char a; long b; short c; } __attribute__((packed));"],
  ["packed and aligned", "struct t { char a; long b; } __attribute__((packed, aligned(4)));"],
  ["aligned", "struct t { int a; int b __attribute__((aligned(64))); char c; };"],
  ["aligned as a whole", "struct t { int a; } __attribute__((aligned(128)));"],
  ["one packed member", "struct t { char a; long b __attribute__((packed)); int c; };"],
  [
    "an aligned struct inside",
    `
    struct in { int a; } __attribute__((aligned(32)));
    struct t { char a; struct in in; char b; struct in more[2]; };`,
  ],
  [
    "a packed struct inside",
    `
    struct in { char a; long b; } __attribute__((packed));
    struct t { short a; struct in in; int b; struct in more[3]; char c; };`,
  ],
  [
    "an aligned struct in a packed one",
    `
    struct in { int a; } __attribute__((aligned(8)));
    struct t { char a; struct in in; } __attribute__((packed));`,
  ],
  ["bitfields", "struct t { int a : 3; int b : 7; unsigned c : 30; long d : 40; char e : 2; };"],
  ["bitfields with gaps", "struct t { int a : 3; int : 4; int b : 9; int : 0; int c : 1; };"],
  ["a gap over bytes", "struct t { long a : 5; long : 31; long b : 20; long c; };"],
  [
    "packed bitfields",
    `
    struct t { char a; int b : 20, c : 20; long d : 50; short e : 9; } __attribute__((packed));`,
  ],
  [
    "bytes as bitfields",
    `
    struct t { unsigned char a : 3, b : 6, c : 8; } __attribute__((packed));`,
  ],
  ["a bitfield behind bytes", "struct t { char a; int b : 24; short c : 15; _Bool d : 1; };"],
  ["an enum as a bitfield", "enum e { ONE = 1, TWO }; struct t { enum e a : 2; enum e b; };"],
  [
    "a bitfield in a union",
    "union t { int a : 5; char b[3]; struct { int c : 7; int d : 25; }; };",
  ],
  [
    "nameless ones",
    `
    struct t { int a; union { struct { char b, c; }; short d; struct { int e; } f; }; int g; };`,
  ],
  [
    "nameless ones in arrays",
    "struct t { struct { int a; union { int b; }; } c[4]; enum { X } d; };",
  ],
  ["a union of odd size", "union t { char a[5]; short b; };"],
  ["a packed union", "union t { char a[5]; int b; } __attribute__((packed));"],
  ["a flexible array", "struct t { int count; struct { char a; short b; } items[]; };"],
  ["an array of none in the middle", "struct t { int a; char none[0]; long b; };"],
  ["an empty struct inside", "struct none {}; struct t { struct none a; int b; struct none c; };"],
  ["wide integers", "struct t { char a; __int128 b; char c; unsigned __int128 d; };"],
  ["floats", "struct t { float a; double b; char c; double d[2]; };"],
  [
    "pointers of all sorts",
    `
    struct later; struct t { struct t *next; int (*f)(struct t *, const char *restrict, ...);
      int (*(*g)(void))[3]; const struct later *const *h; char *(*i[2])(enum x { A } e, int b[4]);
      int (*j)[2][3]; void (*volatile k)(void); };`,
  ],
  ["arrays of arrays", "typedef int row_t[3]; struct t { row_t a[2]; const char b[2][5]; };"],
  [
    "typedefs in a row",
    `
    typedef unsigned char u8; typedef u8 byte; typedef struct { byte a; } box;
    typedef box *box_p; struct t { const volatile byte a; box b; box_p c; };`,
  ],
  ["a small enum", "enum e { A, B } __attribute__((packed)); struct t { enum e a; char b; };"],
  ["an enum of 64 bits", "enum e { A = 1UL << 40, B = 3 }; struct t { char a; enum e b; };"],
  ["a signed enum of 64 bits", "enum e { A = -1L << 40, B = 3 }; struct t { char a; enum e b; };"],
  ["an extreme enum", "enum e { A = -0x7fffffffffffffff - 1, B }; struct t { enum e a; };"],
  [
    "structs that point at each other",
    `
    struct u; struct t { struct u *u; }; struct u { struct t t; };`,
  ],
  ["names that C++ keeps", "struct t { int class; int new; int this; struct { int private; }; };"],
  ["volatile and atomic words", "struct t { volatile int a; char b; volatile long c : 9; };"],
];

/** The BTF of a variable of the type, as clang writes it. */
async function compile(folder: string, code: string, kind: string): Promise<Btf> {
  const source = `${folder}/t.c`;
  await Deno.writeTextFile(source, `${code}\n${kind} t variable;\n`);
  const object = `${folder}/t.o`;
  await mustRun("clang", ["-w", "-target", "bpf", "-g", "-O2", "-c", source, "-o", object]);
  const section = ElfFile.parse(await Deno.readFile(object)).section(".BTF");
  assert.ok(section !== null, "clang wrote BTF");
  return Btf.parse(section.data().slice());
}

/** Everything about the layout of `t`, structs inside included. */
function layoutOf(btf: Btf): string[] {
  const [id] = btf.find("t", "struct", "union");
  const members = listMembers(btf, id, 8).filter(({ path }) => !path.includes("__pad_"));
  return [
    `${btf.kind(id)} ${btf.sizeOf(id)}`,
    ...members.map(({ path, type, bitOffset, bitSize }) => {
      return `${path} @${bitOffset} ${bitSize === 0 ? btf.sizeOf(type) * 8 : bitSize}`;
    }),
  ];
}

kernelTest("cText gives back every layout that C can say", async (t) => {
  const folder = await Deno.makeTempDir();
  try {
    for (const [title, code] of layouts) {
      await t.step(title, async () => {
        const kind = /\bstruct t \{/.test(code) ? "struct" : "union";
        const first = await compile(folder, code, kind);
        const [id] = first.find("t", kind);
        const text = cText(first, [id]);
        const again = await compile(folder, text, kind);
        assert.deepEqual(layoutOf(again), layoutOf(first), text);
        assert.equal(cText(again, again.find("t", kind)), text, "and the same text again");
      });
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
