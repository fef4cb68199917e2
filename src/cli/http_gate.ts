// Who may call over HTTP: the holders of the operator's tokens, or our own user on a Unix socket.
import type { HttpConfig } from "../http_config.ts";
import { validationError } from "../errors.ts";
import { log } from "../log.ts";
import type { Gate } from "../server/http/serve_http.ts";
import { generatedToken } from "../server/http/token_file.ts";
import { parseTokens, type Principal, Tokens } from "../server/http/tokens.ts";
import type { Program } from "./command.ts";

const tokenVariable = "EBPF_MCP_TOKEN";

/** Tokens that can be read again. */
export class TokenGate implements Gate {
  readonly #program: Program;
  readonly #tokenFile: string | null;
  #tokens: Tokens | null = null;
  /** The file with the token that we made; null when the operator gave one. */
  generatedPath: string | null = null;

  private constructor(program: Program, tokenFile: string | null) {
    this.#program = program;
    this.#tokenFile = tokenFile;
  }

  /** @throws validation/invalid_configuration, and as reading the token file does */
  static async open(program: Program, config: HttpConfig): Promise<TokenGate> {
    const gate = new TokenGate(program, config.tokenFile);
    await gate.reload();
    return gate;
  }

  /** Reads the tokens again; after a failure those from before hold on. */
  async reload(): Promise<void> {
    this.#tokens = await Tokens.of(await this.#read());
  }

  async #read(): Promise<string[]> {
    const given = this.#program.terminal.environment(tokenVariable) ?? "";
    if (this.#tokenFile !== null && given !== "") {
      throw validationError(
        "invalid_configuration",
        `Cannot use --token-file and ${tokenVariable}: one of them decides who may call`,
      );
    }
    if (this.#tokenFile !== null) {
      const bytes = await this.#program.readFile(this.#tokenFile);
      return parseTokens(new TextDecoder().decode(bytes), this.#tokenFile);
    }
    if (given !== "") return parseTokens(given, tokenVariable);
    const { path, token } = generatedToken();
    this.generatedPath = path;
    return [token];
  }

  readonly identify = async (request: Request): Promise<Principal | null> => {
    return await this.#tokens?.identify(request.headers.get("authorization")) ?? null;
  };

  isWelcome(principal: Principal): boolean {
    return this.#tokens?.has(principal) ?? false;
  }
}

/** Our own user, as the kernel knows who connected. */
export class PeerGate implements Gate {
  readonly #program: Program;
  readonly #principal: Principal = { id: "socket" };
  /** Known once the socket is bound. */
  boundPath: string | null = null;

  constructor(program: Program) {
    this.#program = program;
  }

  /** A foreign connection is shut, and what comes while it is being shut is refused. */
  readonly identify = (): Promise<Principal | null> => {
    if (this.boundPath === null) return Promise.resolve(null);
    const foreign = this.#program.shutForeignPeers(this.boundPath);
    if (foreign.length === 0) return Promise.resolve(this.#principal);
    log("http").warning("shut connections of users {foreign}", { foreign: foreign.join(", ") });
    return Promise.resolve(null);
  };

  isWelcome(): boolean {
    return true;
  }
}
