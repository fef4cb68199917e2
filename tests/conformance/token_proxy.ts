// Adds the bearer token that the suite cannot send; everything else goes through as it came, the
// Host and Origin headers among it.

export class TokenProxy implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #client = Deno.createHttpClient({ poolMaxIdlePerHost: 0, allowHost: true });

  private constructor(target: number, token: string) {
    const gone = () => new Response(null, { status: 502 }); // the suite hung up first
    const address = { hostname: "127.0.0.1", port: 0, onListen() {}, onError: gone };
    this.#server = Deno.serve(address, (request) => {
      const { pathname, search } = new URL(request.url);
      const headers = new Headers(request.headers);
      headers.set("Authorization", `Bearer ${token}`);
      return fetch(`http://127.0.0.1:${target}${pathname}${search}`, {
        method: request.method,
        headers,
        body: request.body,
        client: this.#client,
        signal: request.signal,
      });
    });
  }

  /** @param target the port of a server on 127.0.0.1 */
  static start(target: number, token: string): TokenProxy {
    return new TokenProxy(target, token);
  }

  get port(): number {
    return this.#server.addr.port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
    this.#client.close();
  }
}
