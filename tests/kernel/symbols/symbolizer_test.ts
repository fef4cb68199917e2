// Addresses of real programs, and of real stacks, to their names.
import assert from "node:assert/strict";
import { mustRun } from "../../../scripts/command.ts";
import { repository } from "../../../scripts/paths.ts";
import { readCodeMappings } from "../../../src/host/process_maps.ts";
import { attach } from "../../../src/session/attach_program.ts";
import { loadObject } from "../../../src/session/load_object.ts";
import { readTable } from "../../../src/session/table_rows.ts";
import { frameText } from "../../../src/symbols/frame.ts";
import { readStack } from "../../../src/symbols/stacks.ts";
import { systemCallNumber } from "../../../src/view/kernel_names.ts";
import { kernelTest } from "../../support/kernel_test.ts";
import { Lines } from "../../support/lines.ts";
import { never, openSession, request } from "../../support/session.ts";
import { openSymbolizer } from "../../support/symbols.ts";

const source = new URL("tests/testdata/programs/stacks.c", repository).pathname;
/** With frame pointers, which are what the kernel walks the stacks of processes by. */
const framed = [
  "-O1",
  "-fno-omit-frame-pointer",
  "-fno-optimize-sibling-calls",
];

/** A program that was compiled for one test, running. */
class Program implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #lines: Lines;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;

  private constructor(readonly folder: string, readonly path: string) {
    const options = { stdin: "piped", stdout: "piped" } as const;
    this.#child = new Deno.Command(path, options).spawn();
    this.#writer = this.#child.stdin.getWriter();
    this.#lines = new Lines(this.#child.stdout);
  }

  static async start(compiler: string, args: readonly string[]): Promise<Program> {
    const folder = await Deno.makeTempDir();
    const path = `${folder}/program`;
    await mustRun(compiler, [...args, "-o", path]);
    return new Program(folder, path);
  }

  get pid(): number {
    return this.#child.pid;
  }

  async run(command: string): Promise<string[]> {
    await this.#writer.write(new TextEncoder().encode(`${command}\n`));
    const [status, ...values] = (await this.#lines.next() ?? "ended").split(" ");
    assert.equal(status, "ok", command);
    return values;
  }

  async addresses(): Promise<bigint[]> {
    return (await this.run("where")).map(BigInt);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer.close();
    await this.#lines.cancel();
    await this.#child.status;
    await Deno.remove(this.folder, { recursive: true });
  }
}

for (const kind of ["-static", "-no-pie", "-pie"]) {
  kernelTest(`Symbolizer names the functions of a program linked with ${kind}`, async () => {
    await using program = await Program.start("gcc", [...framed, kind, source]);
    const [inner = 0n] = await program.addresses();
    const [start, inside] = openSymbolizer().user(program.pid, [inner, inner + 5n]);
    assert.deepEqual(start, { address: inner, name: "innermost", offset: 0, module: "program" });
    assert.equal(inside?.name, "innermost");
    assert.equal(inside?.offset, 4, "an address to return to is of the call before it");
  });
}

kernelTest("Symbolizer names what a stripped library exports, and says what it lacks", async () => {
  await using program = await Program.start("gcc", [...framed, "-pie", "-s", source]);
  const [inner = 0n, library = 0n, made = 0n] = await program.addresses();
  const names = openSymbolizer();
  const [own] = names.user(program.pid, [inner]);
  assert.equal(own?.missing, "no symbols");
  assert.match(frameText(own), /^program\+0x[0-9a-f]+ \[no symbols\]$/);
  const [exported] = names.user(program.pid, [library]);
  assert.equal(exported?.name, "qsort");
  assert.match(exported.module ?? "", /^libc/);
  assert.equal(names.user(program.pid, [made])[0]?.module, "[anonymous]");
  assert.equal(names.user(program.pid, [1n])[0]?.missing, "not mapped");
});

kernelTest("Symbolizer names functions of C++ as they were written", async () => {
  const folder = await Deno.makeTempDir();
  const file = `${folder}/shop.cc`;
  await Deno.writeTextFile(
    file,
    `#include <cstdio>
    namespace shop { template <class T> struct Queue {
      __attribute__((noinline)) T take(T one, const char *) { return one + 1; } };
      namespace { __attribute__((noinline)) int hidden(int x) { return x * 3; } } }
    int main() {
      using Take = long (shop::Queue<long>::*)(long, const char *);
      union { Take take; void *address; } both = { &shop::Queue<long>::take };
      std::printf("ok %p %p\\n", both.address, (void *)shop::hidden);
      std::fflush(stdout);
      while (std::getchar() != EOF); // it stays as long as the test does
    }`,
  );
  await using program = await Program.start("g++", ["-O1", "-Wno-pmf-conversions", file]);
  const names = openSymbolizer();
  const frames = (await program.addresses()).flatMap((one) => names.user(program.pid, [one]));
  assert.deepEqual(frames.map(({ name }) => name), [
    "shop::Queue<long>::take(long, char const*)",
    "shop::(anonymous namespace)::hidden(int)",
  ]);
  await Deno.remove(folder, { recursive: true });
});

kernelTest("Symbolizer names code that was made at run time by its perf map", async () => {
  await using program = await Program.start("gcc", [...framed, "-static", source]);
  const [, , made = 0n] = await program.addresses();
  const names = openSymbolizer();
  assert.equal(names.user(program.pid, [made])[0]?.missing, "no symbols");
  await program.run("map LazyCompile:~handle;\u001b server.js:10");
  const [frame] = names.user(program.pid, [made + 16n]);
  assert.deepEqual(frame, {
    address: made + 16n,
    name: "LazyCompile:~handle:? server.js:10",
    offset: 16,
    module: "[jit]",
  });
  await program.run("map later_and_longer_name");
  assert.equal(names.user(program.pid, [made])[0]?.name, "later_and_longer_name");
  assert.equal(names.user(program.pid, [made + 3000n])[0]?.missing, "no symbols");
  await program.run("map ");
  assert.equal(names.user(program.pid, [made])[0]?.missing, "no symbols");
});

kernelTest("Symbolizer reads the very file that is mapped, also when it was replaced", async () => {
  await using program = await Program.start("gcc", [...framed, "-no-pie", source]);
  const [inner = 0n] = await program.addresses();
  await Deno.remove(program.path);
  await Deno.writeTextFile(program.path, "not a program");
  assert.equal(openSymbolizer().user(program.pid, [inner])[0]?.name, "innermost");
});

kernelTest("Symbolizer says of a process that has ended that it is gone", async () => {
  const program = await Program.start("gcc", [...framed, "-static", source]);
  const [inner = 0n] = await program.addresses();
  await program[Symbol.asyncDispose]();
  const [frame] = openSymbolizer().user(program.pid, [inner]);
  assert.deepEqual(frame, {
    address: inner,
    name: null,
    offset: null,
    module: null,
    missing: "process gone",
  });
  assert.equal(frameText(frame), `0x${inner.toString(16)} [process gone]`);
});

kernelTest("Symbolizer names both halves of a stack that the kernel recorded", async () => {
  await using program = await Program.start("gcc", [...framed, "-static", source]);
  await using session = openSession();
  const target_syscall = systemCallNumber("getppid", Deno.build.arch);
  const globals = { target_pid: program.pid, target_syscall };
  const object = await loadObject(session, await request("stacks", { globals }));
  await attach(session, object.programs[0].info.id, { type: "auto" }, never);
  await program.run("call 25");
  const map = (name: string) =>
    object.maps.find((one) => one.name === name) ?? assert.fail(`no map ${name}`);
  const names = openSymbolizer();
  const { rows } = await readTable(map("seen"), { sort: "value", fields: {} }, never);
  assert.equal(rows.length, 1);
  const stack = readStack(map("stacks"), Number(rows[0]?.user));
  const user = names.user(program.pid, stack ?? []).map(frameText);
  assert.deepEqual(user.slice(0, 3), ["innermost", "middle", "outermost"]);
  assert.ok(user.includes("main"), user.join());
  const inKernel = readStack(map("stacks"), Number(rows[0]?.kernel));
  const kernel = await names.kernel(inKernel ?? []);
  assert.ok(kernel.length > 1);
  assert.ok(kernel.some(({ name }) => /syscall/.test(name ?? "")), kernel.map(frameText).join());
  assert.equal(readStack(map("stacks"), -14), null);
  assert.equal(readStack(map("stacks"), 1023), null);
});

kernelTest("Symbolizer names kernel addresses anywhere in a function", async () => {
  const symbols = await Deno.readTextFile("/proc/kallsyms");
  const start = BigInt(`0x${/^([0-9a-f]{16}) [tT] schedule$/m.exec(symbols)?.[1]}`);
  const names = openSymbolizer();
  const [first, inside] = await names.kernel([start, start + 9n]);
  assert.deepEqual(first, { address: start, name: "schedule", offset: 0, module: "vmlinux" });
  assert.deepEqual([inside?.name, inside?.offset], ["schedule", 8]);
  assert.equal((await names.kernel([0x1000n]))[0]?.missing, "hidden");
  assert.equal((await names.kernel([0xffffffffffffffffn]))[0]?.missing, "hidden");
});

kernelTest("Symbolizer names the kernel's own code in a process", () => {
  const mapping = readCodeMappings(Deno.pid)?.find(({ path }) => path === "[vdso]");
  assert.ok(mapping !== undefined);
  const names = openSymbolizer();
  const places = Array.from({ length: mapping.end - mapping.start }, (_, at) => mapping.start + at);
  const frames = names.user(Deno.pid, places.filter((at) => at % 16 === 0).map(BigInt));
  const found = new Set(frames.map(({ name }) => name));
  assert.ok([...found].some((name) => /clock_gettime$/.test(name ?? "")), [...found].join());
  assert.ok(frames.every(({ module }) => module === "[vdso]"));
});
