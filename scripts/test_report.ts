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

/** One test, or step of a test, of a report. */
export interface TestCase {
  readonly name: string;
  readonly file: string;
  readonly seconds: number;
  /** Why it failed, with its stack, or "skipped"; null when it passed. */
  readonly failure: string | null;
}

const CASE =
  /<testcase name="([^"]*)" classname="([^"]*)" time="([\d.]+)"[^>]*?(?:\/>|>(.*?)<\/testcase>)/gs;
const FAILURE = /<(?:failure|error)\b[^>]*>(.*?)<\/(?:failure|error)>/s;

/** The tests that a report names, in its order. */
export function testCases(report: string): TestCase[] {
  return [...report.matchAll(CASE)].map(([, name = "", file = "", seconds, body = ""]) => ({
    name: unescapeXml(name),
    file,
    seconds: Number(seconds),
    failure: failureIn(body),
  }));
}

function failureIn(body: string): string | null {
  const [whole, reason = ""] = FAILURE.exec(body) ?? [];
  if (whole !== undefined) return unescapeXml(reason).trim();
  return /<skipped\b/.test(body) ? "skipped" : null;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&apos;": "'",
  "&amp;": "&",
};

function unescapeXml(text: string): string {
  return text.replace(/&(?:lt|gt|quot|apos|amp);/g, (entity) => ENTITIES[entity] ?? entity);
}
