// The kernel's own BTF, some hundred thousand types, must say to us what it says to bpftool.
import assert from "node:assert/strict";
import { mustRun } from "../../scripts/command.ts";
import { Btf, type TypeId } from "../../src/btf/btf.ts";
import { compileDecoder } from "../../src/btf/decode.ts";
import { interpret } from "../../src/btf/interpret.ts";
import { compileJsonWriter } from "../../src/btf/json_writer.ts";
import { layoutOf } from "../../src/btf/layout_builder.ts";
import { typeText } from "../../src/btf/type_text.ts";
import { kernelTest } from "../support/kernel_test.ts";

const path = "/sys/kernel/btf/vmlinux";

/** A name as `bpftool btf dump` writes it. */
function quoted(name: string): string {
  return `'${name || "(anon)"}'`;
}

/** The entries below a type's line. */
function entries(btf: Btf, id: TypeId): string[] {
  switch (btf.kind(id)) {
    case "struct":
    case "union":
      return btf.members(id).map(({ name, type, bitOffset, bitSize }) => {
        const width = bitSize === 0 ? "" : ` bitfield_size=${bitSize}`;
        return `\t${quoted(name)} type_id=${type} bits_offset=${bitOffset}${width}`;
      });
    case "enum":
      return btf.enumerators(id).map(({ name, value }) => `\t${quoted(name)} val=${value}`);
    case "enum64": {
      const suffix = btf.isSigned(id) ? "LL" : "ULL";
      return btf.enumerators(id).map(({ name, value }) => {
        return `\t${quoted(name)} val=${value}${suffix}`;
      });
    }
    case "func_proto":
      return btf.parameters(id).map(({ name, type }) => `\t${quoted(name)} type_id=${type}`);
    default:
      return [];
  }
}

function encoding(btf: Btf, id: TypeId): string {
  const { signed, char, bool } = btf.int(id);
  return signed ? "SIGNED" : char ? "CHAR" : bool ? "BOOL" : "(none)";
}

/** What follows a type's name. */
function details(btf: Btf, id: TypeId): string {
  const kind = btf.kind(id);
  const count = `vlen=${entries(btf, id).length}`;
  switch (kind) {
    case "int": {
      const { bits, bitOffset } = btf.int(id);
      const place = `size=${btf.sizeOf(id)} bits_offset=${bitOffset} nr_bits=${bits}`;
      return `${place} encoding=${encoding(btf, id)}`;
    }
    case "array": {
      const { element, count } = btf.array(id);
      return `type_id=${element} index_type_id=21 nr_elems=${count}`;
    }
    case "struct":
    case "union":
      return `size=${btf.sizeOf(id)} ${count}`;
    case "enum":
    case "enum64": {
      const sign = btf.isSigned(id) ? "SIGNED" : "UNSIGNED";
      return `encoding=${sign} size=${btf.sizeOf(id)} ${count}`;
    }
    case "fwd":
      return `fwd_kind=${btf.forward(id)}`;
    case "func":
      return `type_id=${btf.pointee(id)} linkage=${btf.linkage(id)}`;
    case "func_proto":
      return `ret_type_id=${btf.pointee(id)} ${count}`;
    case "var":
      return `type_id=${btf.pointee(id)}, linkage=${btf.linkage(id)}`;
    case "float":
      return `size=${btf.sizeOf(id)}`;
    default:
      return `type_id=${btf.pointee(id)}`;
  }
}

kernelTest("Btf reads of vmlinux what bpftool reads", async () => {
  const btf = Btf.parse(await Deno.readFile(path));
  const dump = await mustRun("bpftool", ["btf", "dump", "file", path, "format", "raw"]);
  const expected = dump.split("\n").filter((line) => {
    return line !== "" && !line.startsWith("\ttype_id="); // a section's variables, below
  });
  let at = 0;
  for (let id = 1; id < btf.typeCount; id++) {
    const kind = btf.kind(id);
    const line = expected[at++]
      .replace(/index_type_id=\d+/, "index_type_id=21")
      .replace(/ component_idx=-?\d+$/, "");
    const head = `[${id}] ${kind.toUpperCase()} ${quoted(btf.name(id))}`;
    if (kind === "datasec") {
      assert.ok(line.startsWith(`${head} size=${btf.sizeOf(id)} `), line);
      continue;
    }
    assert.equal(`${head} ${details(btf, id)}`, line);
    for (const entry of entries(btf, id)) assert.equal(entry, expected[at++], line);
  }
  assert.equal(at, expected.length);
});

kernelTest("Btf finds the section, the tags and the variables that bpftool lists", async () => {
  const btf = Btf.parse(await Deno.readFile(path));
  const dump = await mustRun("bpftool", ["btf", "dump", "file", path, "format", "raw"]);
  const tags = dump.matchAll(/^\[\d+\] DECL_TAG '(.*)' type_id=(\d+) component_idx=(.*)$/gm);
  for (const [, value, target, component] of tags) {
    const found = btf.declTags(Number(target));
    assert.ok(
      found.some((tag) => tag.value === value && tag.component === Number(component)),
      `${value} of ${target}`,
    );
  }
  const listed = [
    ...dump.matchAll(/^\ttype_id=\d+ offset=(\d+) size=(\d+) \(VAR '(.*)'\)/gm),
  ];
  const variables = btf.find(".data..percpu", "datasec").flatMap((id) => btf.variables(id));
  assert.deepEqual(
    variables.map(({ offset, size, name }) => [`${offset}`, `${size}`, name]),
    listed.map(([, offset, size, name]) => [offset, size, name]),
  );
});

kernelTest("every struct of vmlinux decodes, and its JSON writer agrees", async () => {
  const btf = Btf.parse(await Deno.readFile(path));
  const text = new TextDecoder("utf-8", { fatal: true });
  let decoded = 0;
  for (let id = 1; id < btf.typeCount; id++) {
    assert.notEqual(typeText(btf, id), "");
    const kind = btf.kind(id);
    if (kind !== "struct" && kind !== "union") continue;
    const layout = layoutOf(btf, id);
    // Compiling all of them takes half a minute; every sixteenth has every sort of member.
    if (id % 16 !== 0) continue;
    const bytes = Uint8Array.from({ length: layout.size }, (_, index) => index * 37 >> 3 & 0xff);
    const value = compileDecoder(btf, id)(bytes, 0, bytes.length);
    assert.deepStrictEqual(value, interpret(layout, bytes, 0, bytes.length), btf.name(id));
    const writer = compileJsonWriter(btf, id);
    const out = new Uint8Array(writer.maxBytes(bytes.length));
    const end = writer.write(out, 0, bytes, 0, bytes.length);
    assert.equal(text.decode(out.subarray(0, end)), JSON.stringify(value), btf.name(id));
    decoded++;
  }
  assert.ok(decoded > 100, `${decoded} structs`);
});
