// Reads lcov: which lines of a file can run, and how often each did.
import { repository } from "../paths.ts";

/** How often each line ran, by its number. */
export type Lines = ReadonlyMap<number, number>;

/** Files by their paths below the repository; several records of one file are added up. */
export function parseLcov(report: string): Map<string, Lines> {
  const files = new Map<string, Map<number, number>>();
  for (const record of report.split("end_of_record")) {
    const file = /^SF:(.*)$/m.exec(record)?.[1];
    if (file === undefined) continue;
    const path = file.replace(repository.pathname, "");
    const lines = files.get(path) ?? new Map<number, number>();
    for (const [, line, count] of record.matchAll(/^DA:(\d+),(\d+)/gm)) {
      lines.set(Number(line), (lines.get(Number(line)) ?? 0) + Number(count));
    }
    files.set(path, lines);
  }
  return files;
}

export interface Share {
  readonly lines: number;
  readonly ran: number;
}

export function share(files: Iterable<Lines>): Share {
  let [lines, ran] = [0, 0];
  for (const counts of files) {
    lines += counts.size;
    ran += counts.values().filter((count) => count > 0).toArray().length;
  }
  return { lines, ran };
}

/** 100 for what has no lines. */
export function percent({ lines, ran }: Share): number {
  return lines === 0 ? 100 : ran / lines * 100;
}

/** The numbers of the lines that did not run, runs of them as `3-7`. */
export function idleRanges(counts: Lines): string {
  const ranges: [number, number][] = [];
  for (const [line, count] of [...counts].sort(([a], [b]) => a - b)) {
    if (count > 0) continue;
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === line - 1) last[1] = line;
    else ranges.push([line, line]);
  }
  return ranges.map(([from, to]) => from === to ? `${from}` : `${from}-${to}`).join(" ");
}
