// `serve --http` as the command line runs it, in the test's own process.
import assert from "node:assert/strict";
import type { Program } from "../../src/cli/command.ts";
import { main } from "../../src/cli/main.ts";
import { Host } from "../../src/host/host.ts";
import { shutForeignPeers } from "../../src/host/unix_peers.ts";
import { KernelBtf } from "../../src/kernel/kernel_btf.ts";
import { KernelView } from "../../src/kernel/kernel_view.ts";
import { Registry } from "../../src/server/registry.ts";
import { toolbox } from "../../src/tools/toolbox.ts";
import { entryOf } from "../support/entry.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { openSession } from "../support/session.ts";
import { until } from "../support/within.ts";

const startTimeoutMs = 10_000;
const token = "first-token-0123456789";

/** A command that runs until the test ends it. */
class Running {
  readonly #ending = new AbortController();
  readonly #decoder = new TextDecoder();
  readonly #code: Promise<number>;
  /** What it wrote to stderr. */
  said = "";
  #reload = () => {};

  constructor(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    this.#code = main(args, entryOf(this.#program(environment)));
  }

  /** Waits until it has said this. */
  async says(pattern: RegExp): Promise<void> {
    await until(startTimeoutMs, `"${pattern}" on stderr`, () => pattern.test(this.said));
  }

  /** As SIGHUP does. */
  hangUp(): void {
    this.#reload();
  }

  /** As SIGTERM does; its exit code. */
  async end(): Promise<number> {
    this.#ending.abort();
    return await this.#code;
  }

  #program(environment: Readonly<Record<string, string>>): Program {
    const kernel = new KernelView(new KernelBtf());
    const host = new Host();
    const isTerminal = () => false;
    const write = (bytes: Uint8Array) => {
      this.said += this.#decoder.decode(bytes);
      return Promise.resolve(bytes.length);
    };
    return {
      registry: new Registry(toolbox),
      terminal: {
        stdin: { isTerminal, read: () => Promise.resolve(null) },
        stdout: { isTerminal, write: () => assert.fail("nothing is for stdout") },
        stderr: { isTerminal, write },
        columns: () => 80,
        launch: ["ebpf-mcp"],
        environment: (name) => environment[name],
        workingDirectory: () => "/",
        listenForEnd: () => ({
          ending: this.#ending.signal,
          divertHangup: (listener) => void (this.#reload = listener),
          exitCode: () => null,
        }),
      },
      openServices: (config) => Promise.resolve({ config, session: openSession(), kernel, host }),
      readFile: (path) => Deno.readFile(path),
      shutForeignPeers,
      describeHost: () => ({ libbpf: "", kernel: "" }),
    };
  }
}

/** The status line of a plain request over a Unix socket. */
async function askOverSocket(path: string): Promise<string> {
  using connection = await Deno.connect({ transport: "unix", path });
  const body = JSON.stringify({
    jsonrpc: "2.0",
    id: 1,
    method: "initialize",
    params: {
      protocolVersion: "2025-06-18",
      capabilities: {},
      clientInfo: { name: "socket", version: "1" },
    },
  });
  const lines = [
    "POST /mcp HTTP/1.1",
    "Host: localhost",
    "Content-Type: application/json",
    "Accept: application/json, text/event-stream",
    `Content-Length: ${body.length}`,
    "",
    body,
  ];
  await connection.write(new TextEncoder().encode(lines.join("\r\n")));
  const answer = new Uint8Array(4096);
  const count = await connection.read(answer) ?? 0;
  return new TextDecoder().decode(answer.subarray(0, count)).split("\r\n")[0] ?? "";
}

// The first to listen, and the only one on TCP: the server gives up the permission to listen for
// the whole process, as it must.
kernelTest(
  "serve: SIGHUP reads the token file again, and a broken one changes nothing",
  async () => {
    const folder = await Deno.makeTempDir();
    const file = `${folder}/tokens`;
    await Deno.writeTextFile(file, token);
    const args = ["serve", "--http", "127.0.0.1:0", "--token-file", file];
    const server = new Running(args);
    await server.says(/serving http:\S+; the bearer token is in \/\S+tokens/);
    await Deno.writeTextFile(file, "short");
    server.hangUp();
    await server.says(/cannot read the tokens, the old ones hold on/);
    await Deno.writeTextFile(file, `${token}-2`);
    server.hangUp();
    await server.says(/read the tokens again/);
    assert.equal(await server.end(), 0);
    assert.doesNotMatch(server.said, new RegExp(token), "a token is never said");
    await Deno.remove(folder, { recursive: true });
  },
);

kernelTest("serve: a Unix socket is for this user's processes, and says so", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/socket`;
  const server = new Running(["serve", "--http", `unix:${path}`]);
  await server.says(/serving unix:\S+; only for processes of this user/);
  assert.equal(await askOverSocket(path), "HTTP/1.1 200 OK");
  server.hangUp();
  assert.equal(await server.end(), 0);
  await Deno.remove(folder, { recursive: true });
});

kernelTest("serve: tokens come from one place, and a broken one ends it", async (t) => {
  const address = ["serve", "--http", "127.0.0.1:0"];
  await t.step("from both", async () => {
    const server = new Running([...address, "--token-file", "/x"], { EBPF_MCP_TOKEN: token });
    await server.says(/one of them decides who may call/);
    assert.equal(await server.end(), 2);
  });
  await t.step("from a file that is not there", async () => {
    const server = new Running([...address, "--token-file", "/nowhere/tokens"]);
    assert.notEqual(await server.end(), 0);
    assert.match(server.said, /nowhere/);
  });
});
