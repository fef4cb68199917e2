// HTTP on a Unix socket: the file's mode keeps others out, and the kernel says who connected.
import assert from "node:assert/strict";
import { command } from "../../scripts/command.ts";
import { cli } from "../support/cli.ts";
import { HttpServer } from "../support/http_server.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { initializeRequest } from "../support/initialize.ts";

const runFolder = "/run/ebpf-mcp";

const initialize = JSON.stringify(initializeRequest);

/** The status that curl gets as a user; "000" when the connection is cut or refused. */
async function statusFor(user: string, socket: string): Promise<string> {
  const words = [
    ...["curl", "-s", "-m", "10", "-o", "/dev/null", "-w", "%{http_code}"],
    ...["--unix-socket", socket, "-H", "Content-Type: application/json"],
    ...["-H", "Accept: application/json, text/event-stream", "-d", initialize],
    "http://localhost/mcp",
  ];
  const [program = "", ...args] = user === "root" ? words : ["setpriv", ...asUser(user), ...words];
  const { stdout } = await command(program, args).output();
  return new TextDecoder().decode(stdout);
}

function asUser(user: string): string[] {
  return ["--reuid", user, "--regid", "nogroup", "--clear-groups"];
}

async function startOn(socket: string): Promise<HttpServer> {
  return await HttpServer.start({ address: `unix:${socket}`, tokens: null });
}

function socketPath(): string {
  return `${runFolder}/test-${crypto.randomUUID().slice(0, 8)}.sock`;
}

kernelTest("HTTP: a Unix socket is its owner's alone, without a token", async () => {
  const socket = socketPath();
  {
    await using server = await startOn(socket);
    assert.equal(server.access, "only for processes of this user");
    const { mode, isSocket } = await Deno.lstat(socket);
    assert.ok(isSocket);
    assert.equal((mode ?? 0) & 0o777, 0o600);
    assert.equal(await statusFor("root", socket), "200");
  }
  await assert.rejects(Deno.lstat(socket), Deno.errors.NotFound);
  await using server = await startOn(socket);
  await Deno.remove(socket); // somebody cleans up under the server
  server.signal("SIGTERM");
  assert.equal(await server.ended(), 0);
});

kernelTest("HTTP: other users are shut out of a Unix socket that was opened for all", async () => {
  const socket = `${runFolder}/test-open.sock`;
  const before = await modeOf(runFolder);
  try {
    await using server = await startOn(socket);
    await Deno.chmod(runFolder, 0o755);
    assert.equal(await statusFor("nobody", socket), "000", "the file's mode refuses");
    await Deno.chmod(socket, 0o666);
    assert.notEqual(await statusFor("nobody", socket), "200", "the kernel's word refuses");
    assert.equal(await statusFor("root", socket), "200");
    assert.ok(server.pid > 0);
  } finally {
    await Deno.chmod(runFolder, before ?? 0o700);
  }
});

async function modeOf(path: string): Promise<number | null> {
  try {
    return ((await Deno.stat(path)).mode ?? 0) & 0o777;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

kernelTest("HTTP: a socket in use is refused, one that is left over is replaced", async () => {
  const socket = socketPath();
  {
    await using server = await startOn(socket);
    const { code, stderr } = await cli(["serve", "--http", `unix:${socket}`]);
    assert.equal(code, 2);
    assert.match(stderr, /a server listens there already/);
    server.signal("SIGKILL");
    await server.ended();
  }
  assert.ok((await Deno.lstat(socket)).isSocket, "left over");
  {
    await using _server = await startOn(socket);
    assert.equal(await statusFor("root", socket), "200");
  }
  await Deno.writeTextFile(socket, "somebody's file");
  const { code, stderr } = await cli(["serve", "--http", `unix:${socket}`]);
  assert.equal(code, 2);
  assert.match(stderr, /something else than a socket is there/);
  assert.equal(await Deno.readTextFile(socket), "somebody's file");
  await Deno.remove(socket);
});
