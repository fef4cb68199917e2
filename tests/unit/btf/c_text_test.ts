import assert from "node:assert/strict";
import { Btf } from "../../../src/btf/btf.ts";
import { cText } from "../../../src/btf/c_text.ts";
import { withPointees } from "../../../src/btf/pointees.ts";
import { EBPFError } from "../../../src/errors.ts";
import { BtfBuilder } from "../../support/btf_builder.ts";

/** The C text of what `build` returns. */
function textOf(build: (builder: BtfBuilder) => number): string {
  const builder = new BtfBuilder();
  const type = build(builder);
  return cText(Btf.parse(builder.bytes()), [type]);
}

Deno.test("cText declares what is pointed to, and defines what is contained before it", () => {
  const text = textOf((b) => {
    const int = b.int("int", 4, { signed: true });
    const far = b.struct("far", 64, []);
    const inner = b.struct("inner", 4, [{ name: "value", type: int }]);
    const alias = b.typedef("inner_t", inner);
    return b.struct("outer", 24, [
      { name: "inner", type: alias },
      { name: "far", type: b.ptr(b.const(far)), offset: 8 },
      { name: "next", type: b.ptr(8), offset: 16 }, // itself
    ]);
  });
  assert.equal(
    text,
    `struct inner;
typedef struct inner inner_t;

struct inner {
    int value;
};

struct far;
struct outer;

struct outer {
    inner_t inner;
    const struct far *far;
    struct outer *next;
};
`,
  );
});

Deno.test("cText writes nameless structs, bitfields and padding where they are", () => {
  const text = textOf((b) => {
    const u32 = b.int("unsigned int", 4);
    const pair = b.union("", 4, [{ name: "low", type: u32 }, { name: "high", type: u32 }]);
    const array = b.array(u32, 0);
    return b.struct("event", 64, [
      { name: "a", type: u32, bitOffset: 0, bitSize: 3 },
      { name: "b", type: u32, bitOffset: 5, bitSize: 7 },
      { name: "", type: pair, bitOffset: 32 },
      { name: "late", type: u32, bitOffset: 256 },
      { name: "items", type: array, bitOffset: 512 },
    ]);
  });
  assert.equal(
    text,
    `struct event {
    unsigned int a : 3;
    unsigned char : 2;
    unsigned int b : 7;
    union {
        unsigned int low;
        unsigned int high;
    };
    unsigned char __pad_8[24];
    unsigned int late;
    unsigned char __pad_36[28];
    unsigned int items[0];
};
`,
  );
});

Deno.test("cText packs a struct only where the natural layout is another", () => {
  const members = (type: number, offset: number) => [
    { name: "first", type },
    { name: "second", type, offset },
  ];
  const whole = textOf((b) => b.struct("s", 8, members(b.int("int", 4), 4)));
  assert.doesNotMatch(whole, /packed/);
  assert.match(textOf((b) => b.struct("s", 9, members(b.int("int", 4), 5))), /packed/);
  assert.match(
    textOf((b) => {
      const int = b.int("int", 4);
      return b.struct("s", 6, [{ name: "a", type: int }, {
        name: "b",
        type: b.array(int, 0),
        offset: 4,
      }]);
    }),
    /packed/,
  );
});

Deno.test("cText gives enums the size that they have", () => {
  const text = (size: number, values: Record<string, number>) => {
    return textOf((b) => b.enumeration("state", size, values));
  };
  assert.equal(text(4, { NEW: 0, GONE: -1 }), "enum state {\n    NEW = 0,\n    GONE = -1,\n};\n");
  assert.match(text(1, { NEW: 0 }), /__attribute__\(\(mode\(QI\)\)\);\n$/);
  const wide = textOf((b) => b.enum64("mask", { LOW: 1n, HIGH: 1n << 63n }));
  assert.match(wide, /HIGH = 9223372036854775808ULL,\n};\n$/);
  const narrow = textOf((b) => b.enum64("mask", { LOW: 1n }));
  assert.match(narrow, /mode\(DI\)/);
  assert.equal(textOf((b) => b.enumeration("later", 4, {})), "typedef unsigned int type_1;\n");
});

Deno.test("cText writes functions and pointers to them as declarations", () => {
  const text = textOf((b) => {
    const int = b.int("int", 4, { signed: true });
    const file = b.struct("file", 8, []);
    const callback = b.ptr(b.prototype(int, { argument: b.ptr(0) }));
    return b.func("walk", b.prototype(b.ptr(file), { count: int, visit: callback, "": 0 }));
  });
  assert.equal(
    text,
    "struct file;\nextern struct file *walk(int count, int (*visit)(void *argument), ...);\n",
  );
});

Deno.test("cText keeps apart what has the same name, and makes every name an identifier", () => {
  const builder = new BtfBuilder();
  const int = builder.int("int", 4, { signed: true });
  const first = builder.struct("twin", 4, [{ name: "new", type: int }]);
  const second = builder.struct("twin", 8, [{ name: "a b", type: int }, {
    name: "int",
    type: int,
    offset: 4,
  }]);
  const both = builder.struct("both", 12, [
    { name: "one", type: first },
    { name: "two", type: second, offset: 4 },
  ]);
  const text = cText(Btf.parse(builder.bytes()), [both]);
  assert.match(text, /struct twin \{\n {4}int new;\n\}/);
  assert.match(text, /struct twin___2 \{\n {4}int a_b;\n {4}int int_;\n\}/);
  assert.match(text, /struct twin one;\n {4}struct twin___2 two;/);
});

Deno.test("cText gives types without a name one of their own", () => {
  assert.equal(textOf((b) => b.ptr(b.const(b.int("char", 1)))), "typedef const char *type_3;\n");
  assert.equal(
    textOf((b) => b.ptr(b.const(b.array(b.int("char", 1), 4)))),
    "typedef const char (*type_4)[4];\n",
  );
});

Deno.test("withPointees adds what is pointed to, as many pointers far as asked", () => {
  const b = new BtfBuilder();
  const last = b.struct("last", 4, [{ name: "value", type: b.int("int", 4) }]);
  const middle = b.struct("middle", 8, [{ name: "last", type: b.ptr(b.const(last)) }]);
  const declared = b.ptr(b.fwd("middle", "struct"));
  const first = b.struct("first", 16, [
    { name: "", type: b.struct("", 8, [{ name: "middle", type: declared }]) },
    { name: "first", type: b.ptr(declared + 3), offset: 8 },
  ]);
  assert.equal(first, declared + 3);
  const btf = Btf.parse(b.bytes());
  assert.deepEqual(withPointees(btf, [first], 0, 100), [first]);
  assert.deepEqual(withPointees(btf, [first], 1, 100), [first, middle]);
  assert.deepEqual(withPointees(btf, [first], 9, 100), [first, middle, last]);
  assert.deepEqual(withPointees(btf, [first], 9, 2), [first, middle]);
});

const refused: [title: string, build: (b: BtfBuilder) => number, code: string][] = [
  ["a struct inside itself", (b) => {
    return b.struct("loop", 8, [{ name: "self", type: 1 }]);
  }, "invalid_btf"],
  ["a nameless struct inside itself", (b) => {
    return b.struct("", 8, [{ name: "", type: 1 }]);
  }, "invalid_btf"],
  ["two structs inside each other", (b) => {
    b.struct("one", 8, [{ name: "two", type: 2 }]);
    return b.struct("two", 8, [{ name: "", type: 1 }]);
  }, "invalid_btf"],
  ["typedefs in a circle", (b) => {
    b.typedef("one", 2);
    return b.typedef("two", 1);
  }, "invalid_btf"],
  ["a typedef of a pointer to itself", (b) => {
    const pointer = b.ptr(2);
    return b.typedef("self", pointer);
  }, "invalid_btf"],
  ["a pointer to itself", (b) => b.ptr(1), "invalid_btf"],
  ["an array of itself", (b) => b.array(1, 2), "invalid_btf"],
  ["members that overlap", (b) => {
    const int = b.int("int", 4);
    return b.struct("s", 8, [{ name: "a", type: int }, { name: "b", type: int, offset: 2 }]);
  }, "invalid_btf"],
  ["a member outside its struct", (b) => {
    return b.struct("s", 4, [{ name: "far", type: b.int("int", 4), offset: 4 }]);
  }, "invalid_btf"],
  ["a member that is only declared", (b) => {
    return b.struct("s", 4, [{ name: "later", type: b.fwd("later", "struct") }]);
  }, "invalid_btf"],
  ["nameless unions that double at each of sixty levels", (b) => {
    let type = b.union("", 4, [{ name: "value", type: b.int("int", 4) }]);
    for (let level = 0; level < 60; level++) {
      type = b.union("", 4, ["", ""].map((name) => ({ name, type })));
    }
    return type;
  }, "limit_exceeded"],
  ["eighty thousand members", (b) => {
    const int = b.int("int", 4);
    const places = Array.from({ length: 10_000 }, (_, index) => index);
    const parts = Array.from({ length: 8 }, (_, part) => {
      const members = places.map((place) => ({ name: `m${place}`, type: int, offset: place * 4 }));
      return {
        name: `part${part}`,
        type: b.struct(`s${part}`, 40_000, members),
        offset: part * 40_000,
      };
    });
    return b.struct("s", 320_000, parts);
  }, "limit_exceeded"],
];

Deno.test("cText refuses what no C code can be, and what is too much, in bounded time", () => {
  for (const [title, build, code] of refused) {
    assert.throws(() => textOf(build), (error) => {
      assert.ok(error instanceof EBPFError, `${title}: ${error}`);
      assert.equal(error.code, code, `${title}: ${error.message}`);
      return true;
    }, title);
  }
});
