// The layout of this kernel's structs, as a compiler finds it in the C text that we write.
import assert from "node:assert/strict";
import * as z from "zod";
import { mustRun } from "../../scripts/command.ts";
import { Btf, type TypeId } from "../../src/btf/btf.ts";
import { cText } from "../../src/btf/c_text.ts";
import { listMembers } from "../../src/btf/member_list.ts";
import { ElfFile } from "../../src/elf/elf.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { ToolSession } from "../support/tool_calls.ts";

const path = "/sys/kernel/btf/vmlinux";
const STRUCTS = 300;
/** What everybody asks for, whatever the choice by size gives. */
const famous = ["task_struct", "mm_struct", "sk_buff", "file", "inode", "sock", "net_device"];

const member = z.object({
  name: z.string(),
  offset: z.int(),
  size: z.int().optional(),
  bit_offset: z.int().optional(),
  bits: z.int().optional(),
});
type Member = z.infer<typeof member>;

const answer = z.object({
  types: z.tuple([z.object({
    id: z.int(),
    size: z.int(),
    members: z.array(member),
    parts_total: z.int(),
  })]),
  next_cursor: z.string().nullable(),
});

/** Structs and unions of all sizes, each with a name that nothing else has. */
function choose(btf: Btf): TypeId[] {
  const named: TypeId[] = [];
  for (let id = 1; id < btf.typeCount; id++) {
    const kind = btf.kind(id);
    if ((kind !== "struct" && kind !== "union") || btf.name(id) === "") continue;
    const same = btf.find(btf.name(id), "struct", "union", "enum", "enum64");
    if (same.length === 1 && btf.entryCount(id) > 0) named.push(id);
  }
  const known = named.filter((id) => famous.includes(btf.name(id)));
  const bySize = new Map(named.map((id) => [btf.sizeOf(id), id]));
  const sizes = [...bySize.keys()].sort((a, b) => a - b);
  const wanted = STRUCTS - known.length;
  const spread = Array.from({ length: wanted }, (_, index) => {
    return bySize.get(sizes[Math.floor(index * sizes.length / wanted)]) ?? 0;
  });
  return [...new Set([...known, ...spread, ...named])].slice(0, STRUCTS);
}

/** The members as the tool answers them, from as many pages as it takes. */
async function membersOf(tools: ToolSession, id: TypeId): Promise<Member[]> {
  const members: Member[] = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const args = cursor === "" ? { id } : { id, cursor };
    const { types: [type], next_cursor } = answer.parse(await tools.call("get_btf_types", args));
    assert.equal(type.id, id);
    members.push(...type.members);
    if (next_cursor === null) assert.equal(members.length, type.parts_total);
    cursor = next_cursor;
  }
  return members;
}

/** What a compiler must find for one member; a bitfield has no address. */
function claims(tag: string, { name, offset, size, bits }: Member): string[] {
  if (bits !== undefined) return [];
  return [
    `_Static_assert(__builtin_offsetof(${tag}, ${name}) == ${offset}, "${tag}.${name}");`,
    `_Static_assert(sizeof(((${tag} *)0)->${name}) == ${size}, "size of ${tag}.${name}");`,
  ];
}

/** `path offset bits` of every member, as BTF of any origin says. */
function layoutLines(btf: Btf, id: TypeId): string[] {
  return listMembers(btf, id, 1)
    .filter(({ path }) => !path.startsWith("__pad_"))
    .map(({ path, bitOffset, bitSize }) => `${path} ${bitOffset} ${bitSize}`)
    .sort();
}

kernelTest("cText and get_btf_types say of 300 structs what clang finds", async () => {
  const btf = Btf.parse(await Deno.readFile(path));
  const chosen = choose(btf);
  assert.equal(chosen.length, STRUCTS);
  const sizes = new Set(chosen.map((id) => btf.sizeOf(id)));
  assert.ok(sizes.size > 200, `${sizes.size} different sizes`);
  await using tools = new ToolSession();
  const asserts: string[] = [];
  let members = 0;
  for (const id of chosen) {
    const tag = `${btf.kind(id)} ${btf.name(id)}`;
    const found = await membersOf(tools, id);
    members += found.length;
    assert.deepEqual(
      found.map((m) => `${m.name} ${m.bit_offset ?? m.offset * 8} ${m.bits ?? 0}`).sort(),
      layoutLines(btf, id),
      tag,
    );
    asserts.push(`_Static_assert(sizeof(${tag}) == ${btf.sizeOf(id)}, "size of ${tag}");`);
    asserts.push(...found.flatMap((member) => claims(tag, member)));
    asserts.push(`${tag} variable_${id};`);
  }
  assert.ok(members > 2000, `${members} members`);
  const compiled = await compile(`${cText(btf, chosen)}\n${asserts.join("\n")}\n`);
  for (const id of chosen) {
    const name = btf.name(id);
    const [again] = compiled.find(name, "struct", "union");
    assert.ok(again !== undefined, `clang's BTF has ${name}`);
    assert.equal(compiled.sizeOf(again), btf.sizeOf(id), name);
    assert.deepEqual(layoutLines(compiled, again), layoutLines(btf, id), name);
  }
});

/** Compiles for this machine, and for BPF with debugging information; answers the BTF of that. */
async function compile(text: string): Promise<Btf> {
  const folder = await Deno.makeTempDir();
  try {
    const source = `${folder}/structs.c`;
    const object = `${folder}/structs.o`;
    await Deno.writeTextFile(source, text);
    const strict = ["-std=gnu17", "-Wall", "-Werror", "-fsyntax-only"];
    await mustRun("clang", [...strict, source]);
    await mustRun("clang", ["-target", "bpf", "-g", "-O2", "-c", source, "-o", object]);
    const section = ElfFile.parse(await Deno.readFile(object)).section(".BTF");
    assert.ok(section !== null && section !== undefined, "clang wrote BTF");
    return Btf.parse(section.data().slice());
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
