// Word of a change in what a resource is about, drawn from a change in the kernel's lists.
import type { ObjectKind } from "../kernel/ids.ts";
import type { Services } from "../tools/define_tool.ts";

/**
 * Calls `changed` when, after a change in one of these lists, `fingerprint` gives another text. It
 * is asked only then; when it throws, the reading would too, which is a change.
 * @throws what the first `fingerprint` throws, permission/not_permitted without CAP_SYS_ADMIN
 */
export function watchReading(
  { kernel }: Services,
  kinds: readonly ObjectKind[],
  fingerprint: () => string,
  changed: () => void,
): Disposable {
  using owned = new DisposableStack();
  let last: string | null = null;
  owned.use(kernel.lists.listen(kinds, () => {
    const now = attempt(fingerprint);
    if (now === last) return;
    last = now;
    changed();
  }));
  last = fingerprint();
  return owned.move();
}

function attempt(fingerprint: () => string): string | null {
  try {
    return fingerprint();
  } catch {
    return null; // whoever reads is told why
  }
}
