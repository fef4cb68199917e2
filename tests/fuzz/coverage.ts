// How many lines of a target's files its cases ran, from what V8 counted.
import { mustRun } from "../../scripts/command.ts";
import { repository } from "../../scripts/paths.ts";

export interface Coverage {
  readonly lines: number;
  readonly ran: number;
  /** Files with lines that did not run: the path and those lines. */
  readonly missed: readonly string[];
}

/** Counts for `files` (a folder ends in a slash) from the profiles in `folder`. */
export async function readCoverage(folder: string, files: readonly string[]): Promise<Coverage> {
  const include = `--include=^${repository.href}(src|ffi)/`;
  const args = ["coverage", "--quiet", "--lcov", include, folder];
  const report = await mustRun(Deno.execPath(), args, { cwd: repository });
  let [lines, ran] = [0, 0];
  const missed: string[] = [];
  for (const section of report.split("end_of_record")) {
    const path = /^SF:(.*)$/m.exec(section)?.[1]?.slice(repository.pathname.length) ?? "";
    if (!files.some((file) => file.endsWith("/") ? path.startsWith(file) : path === file)) continue;
    const counts = [...section.matchAll(/^DA:(\d+),(\d+)$/gm)];
    const idle = counts.filter(([, , count]) => count === "0").map(([, line]) => line);
    lines += counts.length;
    ran += counts.length - idle.length;
    if (idle.length > 0) missed.push(`${path}:${idle.join(",")}`);
  }
  return { lines, ran, missed };
}
