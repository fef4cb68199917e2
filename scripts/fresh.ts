// Proves the README's two commands on a machine with Node and nothing else: a debootstrap root
// with HEAD cloned into it, in a private mount namespace. Run by hand; takes minutes.
import { command, mustRun } from "./command.ts";
import { debianMirror } from "./libraries.ts";
import { repository } from "./paths.ts";
import { say } from "./say.ts";
import { runScript, ScriptError } from "./script_error.ts";
import { exists } from "./tree.ts";

const COMMANDS = ["npx -y deno@2.7.11 task demo", "npx -y deno@2.7.11 task test"];

/** Where the clone lies in the new root. */
const CHECKOUT = "/srv/ebpf-mcp";

/** The user's home in the new root. */
const HOME = "/root";

/** How this machine reaches its mirrors; copied where it exists, so that the new root can too. */
const NETWORK_FILES = [
  "/etc/resolv.conf",
  "/etc/hosts",
  "/etc/apt/apt.conf.d",
  "/etc/ssl/certs/ca-certificates.crt",
  `${Deno.env.get("HOME") ?? HOME}/.npmrc`,
];

/**
 * Mounts and runs one command inside. The root is a mount, as on a machine, and the old one is out
 * of sight: who is only chrooted may make no user namespace. /sys comes bare, as setup has to mount
 * bpffs and tracefs.
 */
const ENTER = `
set -e
mount --bind "$1" "$1"
cd "$1"
mount --rbind /proc "$1/proc"
mount --bind /sys "$1/sys"
mount --rbind /sys/fs/cgroup "$1/sys/fs/cgroup"
mount --rbind /dev "$1/dev"
pivot_root . .
umount -l .
exec /usr/bin/env -i PATH=/usr/local/bin:/usr/bin:/bin HOME=${HOME} \
  NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt CI=true \
  /bin/sh -c "cd ${CHECKOUT} && $2"
`;

async function main(): Promise<void> {
  if (Deno.uid() !== 0) throw new ScriptError("must run as root: it makes a root file system");
  const root = await Deno.makeTempDir({ dir: "/var/tmp", prefix: "ebpf-mcp-fresh-" });
  await Deno.chmod(root, 0o755); // "/" is open to every user
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(signal, () => stop.abort());
  }
  try {
    await makeRoot(root);
    const failed: string[] = [];
    for (const line of COMMANDS) {
      if (stop.signal.aborted) break;
      if (!await runInside(root, line, stop.signal)) failed.push(line);
    }
    if (stop.signal.aborted) throw new ScriptError("stopped");
    if (failed.length > 0) throw new ScriptError(`failed on a fresh machine: ${failed.join("; ")}`);
    say("fresh: both commands work on a fresh machine");
  } finally {
    say(`fresh: remove ${root}`);
    await mustRun("rm", ["-rf", "--one-file-system", root]);
  }
}

async function makeRoot(root: string): Promise<void> {
  if (!exists("/usr/sbin/debootstrap")) {
    say("fresh: apt-get install debootstrap");
    await mustRun("apt-get", ["-q", "-y", "install", "--no-install-recommends", "debootstrap"]);
  }
  say(`fresh: debootstrap bookworm in ${root}`);
  const options = ["--variant=minbase", "--include=ca-certificates,git"];
  await mustRun("debootstrap", [...options, "bookworm", root, await debianMirror()]);
  await copyNode(root);
  for (const path of NETWORK_FILES) await copyInto(root, path);
  const head = (await mustRun("git", ["rev-parse", "HEAD"], { cwd: repository })).trim();
  say(`fresh: clone ${head.slice(0, 12)} into ${CHECKOUT}`);
  await mustRun("git", ["clone", "-q", "--no-local", repository.pathname, `${root}${CHECKOUT}`]);
  await mustRun("git", ["-C", `${root}${CHECKOUT}`, "checkout", "-q", head]);
}

/** This machine's node with its npm, as a user would have installed them. */
async function copyNode(root: string): Promise<void> {
  const which = await mustRun("sh", ["-c", 'readlink -f "$(command -v node)" "$(command -v npm)"']);
  const [node = "", npm = ""] = which.trim().split("\n");
  const module = npm.replace(/\/bin\/npm-cli\.js$/, "");
  if (node === "" || module === npm) throw new ScriptError(`no node with npm: "${which.trim()}"`);
  say(`fresh: copy ${node} and ${module}`);
  await mustRun("mkdir", ["-p", `${root}/usr/local/lib/node_modules`]);
  await mustRun("cp", [node, `${root}/usr/local/bin/node`]);
  await mustRun("cp", ["-r", module, `${root}/usr/local/lib/node_modules/npm`]);
  for (const name of ["npm", "npx"]) {
    const target = `../lib/node_modules/npm/bin/${name}-cli.js`;
    await Deno.symlink(target, `${root}/usr/local/bin/${name}`);
  }
}

async function copyInto(root: string, path: string): Promise<void> {
  const target = path.endsWith("/.npmrc") ? `${root}${HOME}/.npmrc` : `${root}${path}`;
  await mustRun("sh", ["-c", 'test ! -e "$1" || cp -rLT "$1" "$2"', "copy", path, target]);
}

/** Runs one command in the root as its own process group, so that nothing of it outlives us. */
async function runInside(root: string, line: string, stop: AbortSignal): Promise<boolean> {
  say(`fresh: ${line}`);
  const started = performance.now();
  const enter = ["unshare", "--mount", "--propagation", "private"];
  const shell = ["/bin/sh", "-c", ENTER, "enter", root, line];
  const child = command("setsid", [...enter, ...shell], {}, "inherit").spawn();
  const kill = () => Deno.kill(-child.pid, "SIGKILL");
  stop.addEventListener("abort", kill, { once: true });
  const { code } = await child.status;
  stop.removeEventListener("abort", kill);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  say(`fresh: ${line}: exit code ${code} after ${seconds} s`);
  return code === 0;
}

await runScript("fresh", main);
