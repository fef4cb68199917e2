// What the running kernel was built with, where it tells: /proc/config.gz, or the file in /boot
// that belongs to its release.
import { readFile } from "../../ffi/file.ts";

export interface KernelConfig {
  /** The file that it was read from. */
  readonly source: string;
  /** Options without `CONFIG_`; what is not set is absent. */
  readonly options: ReadonlyMap<string, string>;
}

export interface NoKernelConfig {
  readonly reason: string;
}

const COMPRESSED = "/proc/config.gz";
const MAX_BYTES = 4 * 1024 * 1024;
/** A configuration has some 250 KB of text; a file that unpacks to more is none. */
const MAX_TEXT_BYTES = 16 * 1024 * 1024;

/** @param release the running kernel's, as uname gives it */
export async function readKernelConfig(release: string): Promise<KernelConfig | NoKernelConfig> {
  const compressed = readFile(COMPRESSED, MAX_BYTES);
  if (typeof compressed !== "number") {
    const text = await unzip(compressed);
    if (text !== null) return { source: COMPRESSED, options: parseKernelConfig(text) };
  }
  const plain = `/boot/config-${release}`;
  const bytes = release.includes("/") ? 0 : readFile(plain, MAX_BYTES);
  if (typeof bytes === "number") {
    return { reason: `neither ${COMPRESSED} nor ${plain} can be read` };
  }
  return { source: plain, options: parseKernelConfig(new TextDecoder().decode(bytes)) };
}

/** The set options of a configuration file, strings without their quotes. */
export function parseKernelConfig(text: string): Map<string, string> {
  const options = new Map<string, string>();
  for (const [, name = "", value = ""] of text.matchAll(/^CONFIG_(\w+)=(.*)$/gm)) {
    options.set(name, value.replace(/^"(.*)"$/, "$1"));
  }
  return options;
}

/** Null when it is no gzip, or far too much. */
async function unzip(bytes: Uint8Array<ArrayBuffer>): Promise<string | null> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const chunk of stream) {
      text += decoder.decode(chunk, { stream: true });
      if (text.length > MAX_TEXT_BYTES) return null;
    }
  } catch {
    return null; // not gzip: the other file may do
  }
  return text + decoder.decode();
}
