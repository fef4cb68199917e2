// URI templates of RFC 6570, level 1 within one path segment: `bpf://map/{map_id}`.
import { internalError } from "../errors.ts";

/** A variable takes at most this many characters of a URI. */
const longestValue = 256;

export class UriTemplate {
  readonly names: readonly string[];
  readonly #pattern: RegExp;

  constructor(readonly text: string) {
    const parts = text.split(/\{([a-z][a-z0-9_]*)\}/);
    this.names = parts.filter((_, index) => index % 2 === 1);
    const literals = parts.filter((_, index) => index % 2 === 0);
    if (this.names.length === 0 || literals.some((part) => /[{}]/.test(part))) {
      throw internalError(`"${text}" is no URI template with {names}`);
    }
    // Two variables side by side could share out a text in many ways, and slowly.
    if (literals.slice(1, -1).some((part) => part === "")) {
      throw internalError(`"${text}" has variables side by side`);
    }
    const value = `([^/?#]{1,${longestValue}})`;
    this.#pattern = new RegExp(`^${literals.map((part) => RegExp.escape(part)).join(value)}$`);
  }

  /** The variables of a URI, decoded; null when it is not of this template. */
  match(uri: string): Record<string, string> | null {
    const values = this.#pattern.exec(uri)?.slice(1);
    if (values === undefined) return null;
    try {
      const decoded = values.map((value) => decodeURIComponent(value));
      return Object.fromEntries(this.names.map((name, index) => [name, decoded[index] ?? ""]));
    } catch {
      return null; // a stray % is no URI
    }
  }
}
