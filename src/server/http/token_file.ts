// The token that is made when the operator gives none: in a file that only its owner reads.
import { EBPFError, validationError } from "../../errors.ts";
import { makeToken, parseTokens } from "./tokens.ts";

/** The folders of this program, the first that can be used counts; /run is gone after a boot. */
export const tokenFolders = ["/run/ebpf-mcp", "/var/lib/ebpf-mcp"];

const fileName = "http-token";
const ownerOnly = 0o600;
const folderMode = 0o700;
const othersWrite = 0o022;
const othersAny = 0o077;

export interface GeneratedToken {
  readonly path: string;
  readonly token: string;
}

/**
 * Makes the file, or reads that of an earlier start, so that clients keep their configuration.
 * @throws validation/invalid_configuration when no folder is writable or a file is not private
 */
export function generatedToken(folders: readonly string[] = tokenFolders): GeneratedToken {
  const reasons: string[] = [];
  for (const folder of folders) {
    try {
      return tokenIn(folder);
    } catch (error) {
      if (error instanceof EBPFError) throw error;
      reasons.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw validationError(
    "invalid_configuration",
    `Cannot make a token below ${folders.join(" or ")}: give --token-file or EBPF_MCP_TOKEN`,
    { reasons },
  );
}

function tokenIn(folder: string): GeneratedToken {
  Deno.mkdirSync(folder, { recursive: true, mode: folderMode });
  const { mode, uid, isDirectory } = Deno.lstatSync(folder);
  if (!isDirectory || ((mode ?? 0) & othersWrite) !== 0) {
    throw new Error(`${folder} is no folder that only its owner writes to`);
  }
  const path = `${folder}/${fileName}`;
  const token = makeToken();
  try {
    // createNew is O_EXCL: it follows no link and takes no file that somebody put there.
    Deno.writeTextFileSync(path, `${token}\n`, { createNew: true, mode: ownerOnly });
    return { path, token };
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
  const found = Deno.lstatSync(path);
  if (!found.isFile || found.uid !== uid || ((found.mode ?? 0) & othersAny) !== 0) {
    throw validationError(
      "invalid_configuration",
      `Cannot use the token in ${path}: others than the folder's owner could know it; remove it`,
    );
  }
  const [earlier = ""] = parseTokens(Deno.readTextFileSync(path), path);
  return { path, token: earlier };
}
