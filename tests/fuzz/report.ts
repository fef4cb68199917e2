// A target's result as a row of a table.
import type { Result } from "./campaign.ts";

type Row = readonly [string, string, string, string, string, string, string];

export function titleRow(): string {
  return row(["target", "inputs", "past", "lines", "per second", "slowest", "memory"]);
}

export function resultRow(name: string, result: Result): string {
  const { cases, past, seconds, slowestMs, rss, coverage } = result;
  return row([
    name,
    cases.toLocaleString("en"),
    percent(past, cases),
    coverage === null ? "-" : percent(coverage.ran, coverage.lines),
    Math.round(cases / seconds).toLocaleString("en"),
    `${Math.ceil(slowestMs)} ms`,
    `${Math.round(rss / 2 ** 20)} MiB`,
  ]);
}

function percent(part: number, whole: number): string {
  return whole === 0 ? "-" : `${(part / whole * 100).toFixed(1)}%`;
}

function row([name, ...columns]: Row): string {
  return `${name.padEnd(8)}${columns.map((column) => column.padStart(12)).join("")}`;
}
