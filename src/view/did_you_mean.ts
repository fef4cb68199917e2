// The end of a message about a name that does not exist.
import { nearest } from "./nearest.ts";

/** `; did you mean "x"?`, or nothing when no candidate is near. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const [near] = nearest(name, candidates, 1);
  return near === undefined ? "" : `; did you mean "${near}"?`;
}
