// `sha256:` and 64 hexadecimal digits, held against the bytes before anything opens them.
import { validationError } from "../errors.ts";

export const CHECKSUM = /^sha256:[0-9a-f]{64}$/;

/** The checksum of `bytes` in that form. */
export async function checksumOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return `sha256:${new Uint8Array(digest).toHex()}`;
}

/** @throws checksum_mismatch with both values */
export async function requireChecksum(
  bytes: Uint8Array<ArrayBuffer>,
  wanted: string,
): Promise<void> {
  const current = await checksumOf(bytes);
  if (current === wanted) return;
  throw validationError("checksum_mismatch", `The object is ${current}, wanted ${wanted}`, {
    current,
    wanted,
    hint: "the bytes are not those that the checksum was made of",
  });
}
