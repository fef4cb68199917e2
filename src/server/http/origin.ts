// Host and Origin: what stands between a web page in somebody's browser and this server.

const loopbackNames = ["localhost", "127.0.0.1", "[::1]"];

/**
 * A page that was loaded from elsewhere names its own host in `Host` when DNS is rebound to us, and
 * in `Origin` when it calls across. Neither gets in.
 */
export class Allowlist {
  readonly #hosts: ReadonlySet<string>;
  readonly #origins: ReadonlySet<string>;

  /** @param hosts names, or NAME:PORT; both lists in lower case */
  constructor(hosts: readonly string[], origins: readonly string[]) {
    this.#hosts = new Set(hosts);
    this.#origins = new Set(origins);
  }

  /** True for a name of the loopback at any port (a tunnel may end there), and what was allowed. */
  allowsHost(header: string | null): boolean {
    if (header === null) return false;
    const host = header.toLowerCase();
    const name = host.replace(/:[0-9]{1,5}$/, "");
    return loopbackNames.includes(name) || this.#hosts.has(host) || this.#hosts.has(name);
  }

  /** True without an Origin (no browser), for pages of the very address, and what was allowed. */
  allowsOrigin(origin: string | null, host: string): boolean {
    if (origin === null) return true;
    const lower = origin.toLowerCase();
    return lower === `http://${host.toLowerCase()}` || this.#origins.has(lower);
  }

  /** What tells the browser that a page from elsewhere may read the answer. */
  crossOriginHeaders(origin: string | null): Headers {
    const headers = new Headers();
    if (origin === null || !this.#origins.has(origin.toLowerCase())) return headers;
    headers.set("Access-Control-Allow-Origin", origin);
    headers.set("Access-Control-Expose-Headers", "Mcp-Session-Id, WWW-Authenticate");
    headers.set("Vary", "Origin");
    return headers;
  }

  /** The answer to a browser that asks before it calls; without the headers above it may not. */
  preflight(): Response {
    return new Response(null, {
      status: 204,
      headers: {
        "Access-Control-Allow-Methods": "GET, POST, DELETE",
        "Access-Control-Allow-Headers": "Authorization, Content-Type, Accept, " +
          "Mcp-Session-Id, Mcp-Protocol-Version, Last-Event-ID",
        "Access-Control-Max-Age": "600",
      },
    });
  }
}
