// Stacks of profile, named: C++ demangled, the vDSO, code made at run time, and what is stripped.
import assert from "node:assert/strict";
import { mustRun } from "../../scripts/command.ts";
import { cli } from "../support/cli.ts";
import { kernelTest } from "../support/kernel_test.ts";

const program = `
  #include <ctime>
  #include <cstdlib>
  namespace shop { template <class T> struct Queue {
    __attribute__((noinline)) T take(T most) {
      volatile T sum = 0;
      for (T one = 0; one < most; one++) sum = sum + one;
      return sum;
    } }; }
  __attribute__((noinline)) long clocks(int most) {
    timespec now; volatile long sum = 0;
    for (int i = 0; i < most; i++) {
      clock_gettime(CLOCK_MONOTONIC, &now);
      sum = sum + now.tv_nsec;
    }
    return sum;
  }
  int main() {
    shop::Queue<long> queue;
    for (volatile long sum = 0;;) sum = sum + queue.take(300000) + clocks(8000);
  }`;

const script = `
  function hotLoop(most) {
    let sum = 0;
    for (let i = 0; i < most; i++) sum = (sum * 31 + i) | 0;
    return sum;
  }
  for (let sum = 0;;) sum ^= hotLoop(1e6);`;

/** The folded stacks of a command that runs until it is killed. */
async function profiled([path, ...args]: readonly string[]): Promise<string[]> {
  const cwd = await Deno.makeTempDir(); // node leaves a log where it runs
  const options = { args, cwd, stdout: "null", stderr: "null" } as const;
  const child = new Deno.Command(path, options).spawn();
  try {
    const params = { pid: child.pid, frequency: 499 };
    const profile = JSON.stringify({ gadget: "profile", params, duration_ms: 1_500 });
    const { code, stdout, stderr } = await cli(["call", "run_gadget", profile, "--lines"]);
    assert.equal(code, 0, stderr);
    return stdout.trimEnd().split("\n");
  } finally {
    child.kill("SIGKILL");
    await child.status;
    await Deno.remove(cwd, { recursive: true });
    await Deno.remove(`/tmp/perf-${child.pid}.map`).catch(() => {}); // only node writes one
  }
}

function has(stacks: readonly string[], frame: RegExp): void {
  const frames = stacks.flatMap((line) => line.replace(/ \d+$/, "").split(";"));
  assert.ok(frames.some((one) => frame.test(one)), `${frame} in\n${stacks.join("\n")}`);
}

kernelTest("stacks name C++ as it was written, and the kernel's code in a process", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/shop.cc`, program);
  const options = ["-O1", "-fno-omit-frame-pointer", "-o", `${folder}/shop`, `${folder}/shop.cc`];
  await mustRun("g++", options);
  const stacks = await profiled([`${folder}/shop`]);
  has(stacks, /^shop::Queue<long>::take\(long\)$/);
  has(stacks, /^__vdso_clock_gettime$|^clock_gettime$/);
  has(stacks, /^main$/);
  await mustRun("strip", [`${folder}/shop`]);
  const stripped = await profiled([`${folder}/shop`]);
  has(stripped, /^shop \[no symbols\]$/);
  assert.ok(stripped.every((line) => !/take|clocks/.test(line)), stripped.join("\n"));
  await Deno.remove(folder, { recursive: true });
});

kernelTest("stacks name code that node made at run time, by its perf map", async () => {
  const options = ["--perf-basic-prof", "--interpreted-frames-native-stack", "-e", script];
  has(await profiled(["node", ...options]), /^(LazyCompile|JS|Function|Eval).*hotLoop /);
});
