// Writes down which section names libbpf knows, with the program and attach type of each, as libbpf
// itself tells them: at debug level it lists every name after one that it does not know.
// With --check it compares instead and ends with 1 when they differ.
import { attachTypes, programTypes } from "../src/kernel/uapi_types.ts";
import { generatedHeader } from "./generated.ts";
import { embeddedFolder, repository } from "./paths.ts";
import { say } from "./say.ts";
import { runScript, ScriptError } from "./script_error.ts";
import { exists } from "./tree.ts";

const GENERATOR = "scripts/gen_sections.ts";
const TARGET = "src/kernel/features/sections.gen.ts";
/** No section begins like this. */
const UNKNOWN = "no such section";
const LIST = /supported section\(type\) names are:(.*)/;
const TEXT_BYTES = 16 * 1024;

const print_fn = { parameters: ["i32", "pointer", "pointer"], result: "i32" } as const;

const libbpfSymbols = {
  libbpf_set_print: { parameters: ["function"], result: "pointer" },
  libbpf_prog_type_by_name: { parameters: ["buffer", "buffer", "buffer"], result: "i32" },
  libbpf_attach_type_by_name: { parameters: ["buffer", "buffer"], result: "i32" },
} as const;

const libcSymbols = {
  vsnprintf: { parameters: ["buffer", "usize", "pointer", "pointer"], result: "i32" },
} as const;

interface Section {
  readonly section: string;
  readonly program: string;
  readonly attach: string | null;
}

type Libbpf = Deno.DynamicLibrary<typeof libbpfSymbols>["symbols"];

/** The copy that is embedded where there is one: the version that this program is built for. */
function openLibbpf(): Libbpf {
  const embedded = new URL("libbpf.so.1", embeddedFolder);
  const path = exists(embedded.pathname) ? embedded.pathname : "libbpf.so.1";
  return Deno.dlopen(path, libbpfSymbols).symbols;
}

/** Every name as libbpf writes it: one that ends in `+` may be followed by `/` and a target. */
function sectionNames(libbpf: Libbpf): string[] {
  const libc = Deno.dlopen("libc.so.6", libcSymbols).symbols;
  const bytes = new Uint8Array(TEXT_BYTES);
  let names: string[] = [];
  const callback = new Deno.UnsafeCallback(print_fn, (_level, format, list) => {
    libc.vsnprintf(bytes, BigInt(bytes.length), format, list);
    const text = new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
    const found = LIST.exec(text);
    if (found !== null) names = (found[1] ?? "").trim().split(/\s+/);
    return 0;
  });
  libbpf.libbpf_set_print(callback.pointer);
  typesOf(libbpf, UNKNOWN);
  libbpf.libbpf_set_print(null);
  callback.close();
  if (names.length === 0) throw new ScriptError("libbpf lists no section names");
  return names;
}

/** Program type and expected attach type of a name; null when libbpf does not know it. */
function typesOf(libbpf: Libbpf, name: string): { program: number; attach: number } | null {
  const program = new Uint32Array(1);
  const attach = new Uint32Array(1);
  const text = new TextEncoder().encode(`${name}\0`);
  if (libbpf.libbpf_prog_type_by_name(text, program, attach) !== 0) return null;
  return { program: program[0] ?? 0, attach: attach[0] ?? 0 };
}

/** Whether libbpf attaches by the attach type, of which 0 is one too. */
function attachesBy(libbpf: Libbpf, name: string): boolean {
  const text = new TextEncoder().encode(`${name}\0`);
  return libbpf.libbpf_attach_type_by_name(text, new Uint32Array(1)) === 0;
}

function describe(libbpf: Libbpf, listed: string): Section {
  const name = listed.replace(/\+$/, "");
  const types = typesOf(libbpf, name) ?? typesOf(libbpf, `${name}/`);
  if (types === null) throw new ScriptError(`libbpf lists "${listed}" and does not know it`);
  const program = programTypes[types.program];
  const attach = attachTypes[types.attach];
  if (program === undefined || attach === undefined) {
    throw new ScriptError(`"${listed}" has types that src/kernel/uapi_types.ts lacks`);
  }
  const named = types.attach !== 0 || attachesBy(libbpf, name);
  return { section: listed, program, attach: named ? attach : null };
}

function sectionsText(sections: readonly Section[]): string {
  const rows = sections.map(({ section, program, attach }) =>
    `  { section: ${JSON.stringify(section)}, program: ${JSON.stringify(program)}, ` +
    `attach: ${JSON.stringify(attach)} },\n`
  );
  return [
    "// Section names that libbpf knows, in its order. One that ends in + may go on with / and a",
    "// target; attach is null where the attach type says nothing.",
    "",
    "export const sections: readonly {",
    "  readonly section: string;",
    "  readonly program: string;",
    "  readonly attach: string | null;",
    "}[] = [",
    `${rows.join("")}];\n`,
  ].join("\n");
}

async function main(args: readonly string[]): Promise<void> {
  const libbpf = openLibbpf();
  const sections = sectionNames(libbpf).map((name) => describe(libbpf, name));
  const header = await generatedHeader(GENERATOR, ["src/kernel/uapi_types.ts"]);
  const text = `${header}\n${sectionsText(sections)}`;
  const target = new URL(TARGET, repository);
  const before = exists(target.pathname) ? await Deno.readTextFile(target) : "";
  if (before === text) return;
  if (args.includes("--check")) throw new ScriptError(`stale: ${TARGET}; run: deno task gen`);
  await Deno.writeTextFile(target, text);
  say(`gen: wrote ${TARGET}`);
}

if (import.meta.main) await runScript("gen", () => main(Deno.args));
