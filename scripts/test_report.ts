// Reads what `deno test --junit-path` wrote.

export interface Counts {
  readonly passed: number;
  /** Failed, broken, or skipped: a skip is no pass. */
  readonly failed: number;
}

const TOTALS = /<testsuites [^>]*\btests="(\d+)" failures="(\d+)" errors="(\d+)"/;

/**
 * The counts of a run that ended with `code`. A run that says it failed, or that ran nothing, has
 * at least one failure, whatever its report says.
 */
export function countTests(report: string, code: number): Counts {
  const [, tests = "0", failures = "0", errors = "0"] = TOTALS.exec(report) ?? [];
  const skipped = report.match(/<skipped\b/g)?.length ?? 0;
  const failed = Number(failures) + Number(errors) + skipped;
  const passed = Number(tests) - failed;
  const sound = passed > 0 && code === 0;
  return { passed, failed: sound ? failed : Math.max(failed, 1) };
}
