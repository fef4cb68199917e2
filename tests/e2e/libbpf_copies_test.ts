// Both libbpf copies do the same work: the host's, and the one inside the executable.
import { equal, match, ok } from "node:assert/strict";
import { isNode, type JsonNode, nodeOf, nodesOf } from "../../scripts/ffi/json_node.ts";
import { distFolder } from "../../scripts/paths.ts";
import { kernelTest } from "../support/kernel_test.ts";

const executable = new URL("ebpf-mcp", distFolder).pathname;
const copies = ["system", "embedded"] as const;

kernelTest("auto takes the host's libbpf when it is new enough", async () => {
  const { result } = await call([executable], "auto", "system_info", {});
  equal(nodeOf(result, "libbpf").source, "system");
});

for (const copy of copies) {
  kernelTest(`exec_snoop loads, attaches and reports through the ${copy} libbpf`, async () => {
    const { result: told } = await call([executable], copy, "system_info", {});
    equal(nodeOf(told, "libbpf").source, copy);
    await expectEvents([executable], copy);
  });
}

kernelTest("auto takes the embedded libbpf where the host has none", async () => {
  const hidden = await hiddenLibraries();
  const launch = [
    "unshare",
    "--mount",
    "sh",
    "-c",
    `for file in ${hidden.join(" ")}; do mount --bind /dev/null $file || exit 9; done; exec "$@"`,
    "sh",
    executable,
  ];
  const { result } = await call(launch, "auto", "system_info", {});
  equal(nodeOf(result, "libbpf").source, "embedded");
  const refused = await call(launch, "system", "system_info", {});
  const { source, problem } = nodeOf(refused.result, "libbpf");
  equal(source, null);
  match(String(problem), /libbpf 1\.1 or newer/);
  await expectEvents(launch, "auto");
});

/** Runs the gadget while a program with a name of our own is executed, and wants it reported. */
async function expectEvents(launch: readonly string[], copy: string): Promise<void> {
  const folder = await Deno.makeTempDir();
  const name = `copy-${crypto.randomUUID().slice(0, 8)}`;
  await Deno.copyFile("/bin/true", `${folder}/${name}`);
  const params = { comm: name };
  const request = { gadget: "exec_snoop", params, duration_ms: 1500, aggregate: "none" };
  let running = true;
  const gadget = call(launch, copy, "run_gadget", request).finally(() => running = false);
  const program = new Deno.Command(`${folder}/${name}`);
  while (running) {
    await program.output();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await Deno.remove(folder, { recursive: true });
  const { code, result } = await gadget;
  equal(code, 0, JSON.stringify(result));
  ok(JSON.stringify(nodesOf(result, "events")).includes(name), JSON.stringify(result));
}

async function call(
  launch: readonly string[],
  copy: string,
  tool: string,
  values: JsonNode,
): Promise<{ code: number; result: JsonNode }> {
  const [program = "", ...args] = launch;
  const options = ["call", tool, JSON.stringify(values), "--libbpf", copy];
  const command = new Deno.Command(program, { args: [...args, ...options], stderr: "inherit" });
  const { code, stdout } = await command.output();
  const result: unknown = JSON.parse(new TextDecoder().decode(stdout));
  ok(isNode(result));
  return { code, result };
}

/** Where the host keeps the libraries that we embed. */
async function hiddenLibraries(): Promise<string[]> {
  const { stdout } = await new Deno.Command("/sbin/ldconfig", { args: ["-p"] }).output();
  const listed = new TextDecoder().decode(stdout).matchAll(/lib(?:bpf|elf)\.so\.1 .*=> (\S+)/g);
  return [...listed].map(([, path = ""]) => path);
}
