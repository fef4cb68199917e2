// A table in a text file, read again when the file is another one: /etc/passwd, /etc/services.
import { readText, statPath } from "../../../ffi/file.ts";

/** Larger ones are not read. */
const MAX_BYTES = 4 << 20;

export class TextTable<Table> {
  readonly #path: string;
  readonly #parse: (text: string) => Table;
  #stamp = "";
  #table: Table | null = null;

  constructor(path: string, parse: (text: string) => Table) {
    this.#path = path;
    this.#parse = parse;
  }

  /** What the file says now; what an empty one says when it cannot be read. */
  read(): Table {
    const status = statPath(this.#path);
    // whoever edits such a file puts a new one in its place
    const stamp = typeof status === "number" ? "none" : `${status.inode} ${status.size}`;
    if (this.#table === null || stamp !== this.#stamp) {
      this.#table = this.#parse(readText(this.#path, MAX_BYTES) ?? "");
      this.#stamp = stamp;
    }
    return this.#table;
  }
}

/** `name:x:uid:…`; the first name of an id counts. */
export function parseUsers(passwd: string): ReadonlyMap<number, string> {
  const users = new Map<number, string>();
  for (const line of passwd.split("\n")) {
    const [, name = "", uid = ""] = /^([^:#]+):[^:]*:(\d+):/.exec(line) ?? [];
    if (name !== "" && !users.has(Number(uid))) users.set(Number(uid), name);
  }
  return users;
}

/** `http 80/tcp www # comment`, by `80/tcp`; the first name of a port counts. */
export function parseServices(services: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const line of services.split("\n")) {
    const [, name = "", port = ""] = /^([^\s#]+)\s+(\d{1,5}\/[a-z]+)\b/.exec(line) ?? [];
    if (name !== "" && !names.has(port)) names.set(port, name);
  }
  return names;
}
