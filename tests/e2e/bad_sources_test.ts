// load_program and what cannot be loaded: each with its error, on one server that goes on.
import assert from "node:assert/strict";
import { McpSession } from "../support/client.ts";
import { heldBy } from "../support/kernel_state.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { ObjectFolder } from "../support/object_folder.ts";
import { buildObject } from "../support/objects.ts";
import {
  checkRefusals,
  type Expected,
  kernel,
  permission,
  resource,
  type Row,
  validation,
} from "../support/refusals.ts";

const MIB = 1024 * 1024;
const blobLimit = 4 * MIB;
const fileLimit = 64 * MIB;

function load(what: string, source: Record<string, unknown>, expected: Expected, rest = {}): Row {
  return { what, tool: "load_program", args: { source, ...rest }, expected };
}

function file(what: string, path: string, expected: Expected, rest = {}): Row {
  return load(what, { type: "file", path }, expected, rest);
}

function data(what: string, bytes: Uint8Array, expected: Expected): Row {
  return load(what, { type: "data", blob: bytes.toBase64() }, expected);
}

function invalidElf(reason: string): Expected {
  return validation("invalid_elf", { context: { reason } });
}

/** Objects that are none, or are for another machine. */
async function brokenObjects(folder: ObjectFolder): Promise<Row[]> {
  const valid = await Deno.readFile(await buildObject("no_maps"));
  const patched = (offset: number, value: number) => {
    const bytes = valid.slice();
    bytes[offset] = value;
    return bytes;
  };
  return [
    file("garbage", await folder.write("garbage.o", "not an object at all"), invalidElf("not_elf")),
    file("an empty file", await folder.write("empty.o", ""), invalidElf("empty")),
    data("one byte", new Uint8Array([0x7f]), invalidElf("truncated")),
    data(
      "an object without its second half",
      valid.slice(0, valid.length / 2),
      invalidElf("truncated"),
    ),
    data("a header alone", valid.slice(0, 64), invalidElf("truncated")),
    file("big endian", await folder.add("wrong_endianness"), invalidElf("wrong_endianness")),
    file("another machine", await folder.add("wrong_machine"), invalidElf("wrong_machine")),
    data("32 bits", patched(4, 1), invalidElf("wrong_class")),
    data("an executable instead of an object", patched(16, 2), invalidElf("wrong_type")),
    data("section names in no section", patched(62, 0xff), invalidElf("corrupt")),
    file("a map without BTF", await folder.add("no_btf_map"), validation("invalid_btf")),
  ];
}

/** Blobs and files of the wrong kind or size. */
async function wrongBytes(folder: ObjectFolder): Promise<Row[]> {
  const blob = (text: string) => ({ type: "data", blob: text });
  const tooLarge = await folder.writeSparse("too_large.o", fileLimit + 1);
  return [
    load("a blob that is not base64", blob("@@@@"), validation("invalid_base64")),
    load("base64 with a hole", blob("f0VM\u0000"), validation("invalid_base64")),
    load("an empty blob", blob(""), validation("invalid_arguments")),
    data("a blob one byte too large", new Uint8Array(blobLimit + 1), validation("blob_too_large")),
    data("a blob twice too large", new Uint8Array(2 * blobLimit), validation("blob_too_large")),
    data("a blob of zeros, as large as may be", new Uint8Array(blobLimit), invalidElf("not_elf")),
    file("a file one byte too large", tooLarge, validation("file_too_large")),
    load(
      "a gadget that is none",
      { type: "gadget", name: "no_such" },
      validation("unknown_gadget"),
    ),
  ];
}

/** Paths that lead nowhere, elsewhere, or to what is no file. */
async function wrongPaths(folder: ObjectFolder): Promise<Row[]> {
  const secret = `${folder.outside}/secret.o`;
  await Deno.copyFile(await buildObject("no_maps"), secret);
  await Deno.mkdir(`${folder.path}/directory`);
  const notRegular = (kind: string) => validation("not_a_regular_file", { context: { kind } });
  const missing = resource("file_not_found", { errno: "ENOENT" });
  const outside = permission("path_not_allowed");
  const leadsOut = permission("path_not_allowed", { errno: "EXDEV" });
  return [
    file("a missing file", `${folder.path}/absent.o`, missing),
    file("a relative path to nothing", "absent.o", missing),
    file(
      "a file used as a folder",
      `${await folder.write("plain", "")}/x.o`,
      resource("file_not_found", { errno: "ENOTDIR" }),
    ),
    file("a directory", `${folder.path}/directory`, notRegular("directory")),
    file("the allowed folder itself", folder.path, notRegular("directory")),
    file("a device", "/dev/null", notRegular("device")),
    file("a FIFO", await folder.makeFifo("fifo"), notRegular("fifo")),
    file("a socket", `${folder.path}/socket`, notRegular("socket")),
    file("a path out of the allowed folders", secret, outside),
    file("a file that is not there, out of the allowed folders", "/nonexistent/x.o", outside),
    file("a path that leaves by ..", `${folder.path}/../outside/secret.o`, outside),
    file("a relative path that leaves by ..", "../outside/secret.o", outside),
    file("a link that leads out", await folder.link("out.o", secret), leadsOut),
    file(
      "a relative link that leads out",
      await folder.link("up.o", "../outside/secret.o"),
      leadsOut,
    ),
    file(
      "a folder that is a link out",
      `${await folder.link("d", folder.outside)}/secret.o`,
      leadsOut,
    ),
    file(
      "a link to itself",
      await folder.link("loop.o", "loop.o"),
      permission("path_not_allowed", { errno: "ELOOP" }),
    ),
    file("a link to nothing", await folder.link("dangling.o", "absent.o"), missing),
    file("a path with a NUL", `${folder.path}/a\u0000b.o`, validation("invalid_arguments")),
    file("a path of 5,000 characters", `/${"a/".repeat(2500)}`, validation("invalid_arguments")),
    file(
      "a name of 300 characters",
      `${folder.path}/${"a".repeat(300)}`,
      kernel("file_read_failed", { errno: "ENAMETOOLONG" }),
    ),
  ];
}

/** Checksums, globals, programs, BTF and constraints that do not fit the object. */
async function wrongOptions(folder: ObjectFolder): Promise<Row[]> {
  const noMaps = await folder.add("no_maps");
  const globals = await folder.add("globals");
  const noBtf = await folder.add("no_btf");
  const zeros = `sha256:${"0".repeat(64)}`;
  const invalid = validation("invalid_arguments");
  const range = validation("value_out_of_range");
  const set = (what: string, values: Record<string, unknown>, expected: Expected) =>
    file(what, globals, expected, { globals: values });
  return [
    file(
      "a wrong checksum",
      noMaps,
      validation("checksum_mismatch", { context: { wanted: zeros } }),
      { checksum: zeros },
    ),
    file("a checksum of another kind", noMaps, invalid, { checksum: `md5:${"0".repeat(32)}` }),
    file("a checksum in capitals", noMaps, invalid, { checksum: `sha256:${"A".repeat(64)}` }),
    file("a checksum one digit short", noMaps, invalid, { checksum: zeros.slice(0, -1) }),
    set("an unknown global", { ro_u23: 1 }, validation("unknown_global", { says: /ro_u23/ })),
    set("a global of the object's licence", { LICENSE: "x" }, validation("unknown_global")),
    file("globals of an object without BTF", noBtf, validation("unknown_global", { says: /BTF/ }), {
      globals: { verdict: 1 },
    }),
    set("a byte of 256", { ro_u8: 256 }, range),
    set("a negative unsigned", { ro_u32: -1 }, range),
    set("an s8 of 128", { ro_s8: 128 }, range),
    set("2^63 as s64", { ro_s64: "9223372036854775808" }, range),
    set("2^64 as u64", { ro_u64: "18446744073709551616" }, range),
    set("2^53 as a number, which is not exact", { ro_u64: 2 ** 53 }, range),
    set("a fraction", { ro_u32: 1.5 }, range),
    set("a text for a number", { ro_u32: "many" }, range),
    set("a number for a text", { ro_text: 7 }, range),
    set("a text that does not fit", { ro_text: "seventeen letters" }, range),
    set("an enumerator that is none", { ro_mode: "MODE_ABSENT" }, range),
    set("a bool of 2", { ro_bool: 2 }, range),
    set("too many elements", { ro_numbers: [1, 2, 3, 4, 5] }, range),
    set("a member that is none", { ro_range: { firs: 1 } }, validation("unknown_field")),
    set("null", { ro_u32: null }, range),
    file("an unknown program", noMaps, validation("unknown_program"), { programs: ["absent"] }),
    file("no program", noMaps, invalid, { programs: [] }),
    file("BTF that is none", noMaps, validation("invalid_btf"), { btf: { blob: "AAAA" } }),
    file("BTF out of the allowed folders", noMaps, permission("path_not_allowed"), {
      btf: { path: "/sys/kernel/btf/vmlinux" },
    }),
    file("too many instructions", noMaps, validation("constraint_violated"), {
      constraints: { max_instructions: 1 },
    }),
    file("a limit of no instructions", noMaps, invalid, { constraints: { max_instructions: 0 } }),
    file(
      "a helper that is not allowed",
      await folder.add("flood"),
      validation("constraint_violated", { says: /calls helper/ }),
      { constraints: { allowed_helpers: [] } },
    ),
    file("an allowed helper that does not exist", noMaps, validation("invalid_arguments"), {
      constraints: { allowed_helpers: ["bpf_no_such_helper"] },
    }),
  ];
}

kernelTest("load_program refuses what is no object, with its reason", async (t) => {
  await using folder = await ObjectFolder.make();
  await using session = await start(folder);
  await checkRefusals(t, session, await brokenObjects(folder));
  nothingHeld(session);
});

kernelTest("load_program refuses bytes of the wrong kind or size", async (t) => {
  await using folder = await ObjectFolder.make();
  await using session = await start(folder);
  await checkRefusals(t, session, await wrongBytes(folder));
  nothingHeld(session);
});

kernelTest("load_program reads files below the allowed folders and nothing else", async (t) => {
  await using folder = await ObjectFolder.make();
  await using session = await start(folder);
  using _socket = Deno.listen({ transport: "unix", path: `${folder.path}/socket` });
  await checkRefusals(t, session, await wrongPaths(folder));
  nothingHeld(session);
});

kernelTest("load_program refuses options that do not fit the object", async (t) => {
  await using folder = await ObjectFolder.make();
  await using session = await start(folder);
  await checkRefusals(t, session, await wrongOptions(folder));
  nothingHeld(session);
});

function start(folder: ObjectFolder): Promise<McpSession> {
  const args = ["--role", "operator", "--objects", folder.path, "--objects", "/dev"];
  return McpSession.start({ args });
}

/** What was refused has left nothing in the kernel, and the server still answers. */
function nothingHeld(session: McpSession): void {
  assert.deepEqual(heldBy(session.pid), { programs: [], maps: [], links: [], btfs: [] });
}
