// Bearer tokens: who a request comes from. Only digests are kept, and compared in constant time.
import { validationError } from "../../errors.ts";

/** Who calls; a session answers nobody else. */
export interface Principal {
  /** `token:` and the beginning of the token's digest, or `uid:` and a number. */
  readonly id: string;
}

/** RFC 6750's b64token; shorter ones could be guessed. */
const tokenPattern = /^[A-Za-z0-9._~+/-]{16,512}=*$/;
const mostTokens = 64;
const idDigits = 12;
const tokenBytes = 32;

interface KnownToken {
  readonly digest: Uint8Array;
  readonly principal: Principal;
}

export class Tokens {
  readonly #known: readonly KnownToken[];

  private constructor(known: readonly KnownToken[]) {
    this.#known = known;
  }

  static async of(tokens: readonly string[]): Promise<Tokens> {
    return new Tokens(
      await Promise.all(tokens.map(async (token) => {
        const digest = await digestOf(token);
        return { digest, principal: { id: `token:${digest.toHex().slice(0, idDigits)}` } };
      })),
    );
  }

  /** Who an `Authorization` header belongs to; null for nobody. */
  async identify(authorization: string | null): Promise<Principal | null> {
    const token = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
    if (token === undefined) return null;
    const digest = await digestOf(token);
    let found: Principal | null = null;
    for (const known of this.#known) {
      if (areEqual(known.digest, digest)) found = known.principal; // goes on: no early end to time
    }
    return found;
  }

  has(principal: Principal): boolean {
    return this.#known.some((known) => known.principal.id === principal.id);
  }
}

/**
 * The tokens of a file or a variable: one per line; empty lines and those with # are none.
 * @throws validation/invalid_configuration, never repeating what is in it
 */
export function parseTokens(text: string, origin: string): string[] {
  const lines = text.split("\n").map((line) => line.trim());
  const tokens = lines.filter((line) => line !== "" && !line.startsWith("#"));
  const bad = tokens.findIndex((token) => !tokenPattern.test(token));
  if (bad !== -1) {
    throw invalid(origin, `token ${bad + 1} is none: wanted 16 to 512 of A-Z a-z 0-9 . _ ~ + / -`);
  }
  if (tokens.length >= 1 && tokens.length <= mostTokens) return tokens;
  throw invalid(origin, `it has ${tokens.length} tokens, wanted 1 to ${mostTokens}`);
}

function invalid(origin: string, reason: string): Error {
  return validationError("invalid_configuration", `Cannot use ${origin}: ${reason}`);
}

/** A token that nobody can guess. */
export function makeToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(tokenBytes));
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

async function digestOf(token: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token)));
}

/** Takes as long for any two digests. */
function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  a.forEach((byte, index) => difference |= byte ^ (b[index] ?? 0));
  return difference === 0;
}
