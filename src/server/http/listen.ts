// Where requests come in: a TCP address, or a Unix socket that only its owner may open.
import { validationError } from "../../errors.ts";
import type { HttpAddress } from "../../http_config.ts";

export interface Listening {
  /** What a person or a client is told: `http://127.0.0.1:8642/mcp`, `unix:/run/…`. */
  readonly url: string;
  /** The path that a socket was bound to, which is what its descriptors say; null on TCP. */
  readonly boundPath: string | null;
  /** Takes no more connections, and returns when those there were are over, or after a while. */
  close(): Promise<void>;
}

type Handler = (request: Request) => Promise<Response>;

const closeTimeoutMs = 2_000;
const ownerOnly = 0o600;
const folderMode = 0o700;
const runFolder = "/run/ebpf-mcp";

export async function listen(address: HttpAddress, handler: Handler): Promise<Listening> {
  return address.kind === "tcp"
    ? listenOnTcp(address, handler)
    : await listenOnSocket(address.path, handler);
}

function listenOnTcp(
  { hostname, port }: Extract<HttpAddress, { kind: "tcp" }>,
  handler: Handler,
): Listening {
  try {
    const server = Deno.serve({ hostname, port, onListen() {} }, handler);
    const named = hostname.includes(":") ? `[${hostname}]` : hostname;
    const url = `http://${named}:${server.addr.port}/mcp`;
    return { url, boundPath: null, close: () => close(server) };
  } catch (error) {
    throw cannotListen(`${hostname}:${port}`, error);
  }
}

/**
 * Binds in a folder that nobody else can enter, and moves the socket out when its mode is right:
 * between bind(2) and chmod(2) it would be open to whoever the umask allows.
 */
async function listenOnSocket(path: string, handler: Handler): Promise<Listening> {
  const folder = path.slice(0, path.lastIndexOf("/")) || "/";
  try {
    if (folder === runFolder) Deno.mkdirSync(folder, { recursive: true, mode: folderMode });
    await requireFree(path);
    const closed = Deno.makeTempDirSync({ dir: folder, prefix: ".http-" });
    using _cleaned = { [Symbol.dispose]: () => Deno.removeSync(closed, { recursive: true }) };
    const boundPath = `${closed}/socket`;
    const server = Deno.serve({ path: boundPath, onListen() {} }, handler);
    Deno.chmodSync(boundPath, ownerOnly);
    Deno.renameSync(boundPath, path);
    return {
      url: `unix:${path}`,
      boundPath,
      async close() {
        await close(server);
        removeIfThere(path);
      },
    };
  } catch (error) {
    throw cannotListen(path, error);
  }
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** A socket that nobody listens on is left over; anything else at the path is somebody's. */
async function requireFree(path: string): Promise<void> {
  try {
    if (!Deno.lstatSync(path).isSocket) throw new Error("something else than a socket is there");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  try {
    (await Deno.connect({ transport: "unix", path })).close();
  } catch {
    return;
  }
  throw new Error("a server listens there already");
}

async function close(server: Deno.HttpServer): Promise<void> {
  let timer: number | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, closeTimeoutMs);
  });
  await Promise.race([server.shutdown(), patience]);
  clearTimeout(timer);
}

function cannotListen(where: string, error: unknown): Error {
  const reason = error instanceof Error ? error.message : String(error);
  return validationError("invalid_configuration", `Cannot listen on ${where}: ${reason}`);
}
