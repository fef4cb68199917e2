// The executable where there is nothing but a kernel and glibc: no Deno, libbpf, clang or bpftool,
// no network, a root file system that cannot be written, and not one environment variable.
import assert from "node:assert/strict";
import * as z from "zod";
import { run } from "../../scripts/command.ts";
import { McpSession } from "../support/client.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { launch } from "../support/server_command.ts";

/** What a build or a developer's machine has and a bare one has not. */
const hidden = [
  "/usr/lib/*/libbpf.so.1",
  "/usr/lib/*/libelf.so.1",
  "/usr/lib/*/libz.so.1",
  "/lib/*/libz.so.1",
  "/usr/bin/clang",
  "/usr/sbin/bpftool",
  "/usr/local/bin/deno",
  "/usr/bin/node",
];

/** Takes all of it away in namespaces of its own, then runs the arguments. */
const script = `
set -e
for file in ${hidden.join(" ")}; do
  if [ -e "$file" ]; then mount --bind /dev/null "$(readlink -f "$file")"; fi
done
mount -o remount,bind,ro /
exec env -i "$@"
`;

const wrapper = ["unshare", "--mount", "--net", "sh", "-c", script, "sh"];

const told = z.looseObject({
  libbpf: z.looseObject({ version: z.string(), source: z.literal("embedded") }),
});
const gathered = z.looseObject({ events: z.array(z.looseObject({ pid: z.int() })) });

kernelTest("the wrapper leaves no library, no network and no place to write", async () => {
  const [program = "", ...rest] = wrapper;
  const probe = 'touch /x || touch /var/tmp/x; cat /proc/net/dev; wc -c "$1"';
  const library = (await run("sh", ["-c", "ls /usr/lib/*/libbpf.so.1"])).stdout.trim();
  const { stdout, stderr } = await run(program, [...rest, "sh", "-c", probe, "sh", library]);
  assert.match(stderr, /Read-only file system/);
  assert.deepEqual([...stdout.matchAll(/^ *(\S+):/gm)].map(([, name]) => name), ["lo"]);
  assert.match(stdout, /^0 /m, "libbpf is empty");
});

kernelTest("the executable traces real processes on a bare host, with its own libbpf", async () => {
  await using session = await McpSession.start({ wrapper, args: ["--role", "observer"] });
  const { libbpf } = await session.ask(told, "system_info");
  assert.match(libbpf.version, /^1\./);
  const wanted = { gadget: "exec_snoop", duration_ms: 1500, aggregate: "none" };
  const running = session.ask(gathered, "run_gadget", wanted);
  let answered = false;
  const events = running.finally(() => answered = true);
  const started: number[] = [];
  while (!answered) {
    const child = new Deno.Command("/bin/true").spawn();
    started.push(child.pid);
    await child.status;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const seen = (await events).events.filter(({ pid }) => started.includes(pid));
  assert.ok(seen.length > 0, `none of ${started.length} processes was reported`);
});

kernelTest("version, tools and a refused call work on a bare host", async () => {
  for (
    const [args, code] of [[["version"], 0], [["tools"], 0], [["call", "nothing"], 2]] as const
  ) {
    const { program, args: rest } = launch(args, wrapper);
    const { code: got, stdout, stderr } = await run(program, rest);
    assert.equal(got, code, `${args.join(" ")}: ${stderr}`);
    if (code === 0) assert.notEqual(stdout, "");
  }
});
