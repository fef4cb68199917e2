// Tracepoints as tracefs lists and describes them.
import { readFile, statPath } from "../../ffi/file.ts";
import { visible } from "../view/text.ts";
import { readMounts } from "./mounts.ts";
import { parseTracepointFormat, type TracepointFormat } from "./tracepoint_format.ts";

/** Where it is mounted by itself, since Linux 4.1 and before. */
const FOLDERS = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"];
const MAX_LIST_BYTES = 16 << 20;
const MAX_FORMAT_BYTES = 1 << 20;
/** Nothing in it has to be made visible. */
const PLAIN = /^[\x20-\x7e\n]*$/;
const ENOENT = 2;

export interface TracepointName {
  readonly category: string;
  readonly name: string;
}

/** Why nothing is listed. */
export interface NoTracefs {
  /** null when it is not mounted. */
  readonly folder: string | null;
  readonly errno: number;
}

/** What the list said, and what that means. */
interface Read {
  readonly text: string;
  readonly tracepoints: readonly TracepointName[];
}

export class Tracefs {
  #last: Read | null = null;

  /** Where tracefs is in this process's mount namespace. */
  folder(): string | null {
    const usual = FOLDERS.find((folder) => typeof statPath(`${folder}/events`) !== "number");
    return usual ?? readMounts().find(({ type }) => type === "tracefs")?.path ?? null;
  }

  /** Every tracepoint, sorted by category and name, without reading one's description. */
  tracepoints(): readonly TracepointName[] | NoTracefs {
    const folder = this.folder();
    if (folder === null) return { folder, errno: ENOENT };
    const bytes = readFile(`${folder}/available_events`, MAX_LIST_BYTES);
    if (typeof bytes === "number") return { folder, errno: bytes };
    const text = new TextDecoder().decode(bytes);
    if (this.#last?.text !== text) {
      this.#last = { text, tracepoints: parseAvailableEvents(text) };
    }
    return this.#last.tracepoints;
  }

  /** What tracefs says of a tracepoint that it lists; an errno when it cannot be read. */
  format({ category, name }: TracepointName): TracepointFormat | number {
    if (!isPlain(category) || !isPlain(name)) return ENOENT;
    const folder = this.folder();
    if (folder === null) return ENOENT;
    const bytes = readFile(`${folder}/events/${category}/${name}/format`, MAX_FORMAT_BYTES);
    if (typeof bytes === "number") return bytes;
    return parseTracepointFormat(visible(new TextDecoder().decode(bytes)));
  }
}

/** The lines `category:name`, each once. */
export function parseAvailableEvents(text: string): TracepointName[] {
  const names: TracepointName[] = [];
  const shown = PLAIN.test(text) ? text : visible(text);
  for (const line of [...new Set(shown.split("\n"))].sort()) {
    const colon = line.indexOf(":");
    if (colon <= 0 || colon === line.length - 1) continue;
    names.push({ category: line.slice(0, colon), name: line.slice(colon + 1) });
  }
  return names;
}

/** The name of one folder: what comes from outside may not lead elsewhere. */
function isPlain(part: string): boolean {
  return /^[^/\0]+$/.test(part) && part !== "." && part !== "..";
}
