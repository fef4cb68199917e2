// Which allowed folder a requested object file belongs to, decided by text alone. The kernel then
// opens the rest of the path beneath that folder (openat2, RESOLVE_BENEATH), links included, so
// that there is no moment between the check and the opening.
import { permissionError, validationError } from "../errors.ts";

/** PATH_MAX less the final NUL. */
const MAX_PATH_BYTES = 4095;

/** One place to try: `relative` is to be opened beneath `root` and never starts with `/`. */
export interface PathCandidate {
  root: string;
  relative: string;
}

/**
 * The places that `path` may mean below the allowed `roots` (absolute folders), in the order to
 * try: a relative path below each root in turn, an absolute one below those that hold it, the
 * longest first.
 * @throws {EBPFError} validation/invalid_arguments when it is no path (empty, NUL, too long);
 * permission/path_not_allowed when it has `..` or lies outside the roots
 */
export function candidatePaths(roots: readonly string[], path: string): PathCandidate[] {
  checkText(path);
  const components = split(path);
  const refuse = (why: string): never => {
    throw permissionError("path_not_allowed", `Cannot open "${path}": ${why}`, {
      path,
      allowed_roots: [...roots],
      hint:
        "Give a path below one of the allowed folders; the operator adds one with --objects DIR",
    });
  };
  if (components.includes("..")) refuse('it has "..", wanted a path without');
  if (roots.length === 0) refuse("no folder is allowed");
  if (!path.startsWith("/")) return roots.map((root) => ({ root, relative: join(components) }));
  const holding = roots
    .map((root) => ({ root, depth: split(root) }))
    .filter(({ depth }) => depth.every((component, at) => component === components[at]))
    .sort((a, b) => b.depth.length - a.depth.length);
  if (holding.length === 0) {
    refuse(`it is outside the allowed folders, wanted one below ${roots.join(" or ")}`);
  }
  return holding.map(({ root, depth }) => ({
    root,
    relative: join(components.slice(depth.length)),
  }));
}

/** A path's components, without the empty and the `.` ones, which mean nothing. */
function split(path: string): string[] {
  return path.split("/").filter((component) => component !== "" && component !== ".");
}

/** The folder itself is `.`: that it is no file is for whoever opens it to say. */
function join(components: readonly string[]): string {
  return components.length === 0 ? "." : components.join("/");
}

function checkText(path: string): void {
  const refuse = (current: string, wanted: string): never => {
    const message = `Cannot open the object file: its path ${current}, wanted ${wanted}`;
    throw validationError("invalid_arguments", message, { current, wanted });
  };
  if (path === "") refuse("is empty", "at least one character");
  if (path.includes("\0")) refuse("has a NUL character", "none");
  const size = new TextEncoder().encode(path).length;
  if (size > MAX_PATH_BYTES) refuse(`has ${size} bytes`, `at most ${MAX_PATH_BYTES}`);
}
