// Changes every row of ffi/ in every way that could go wrong and wants each change to be found.
import { deepEqual, ok } from "node:assert/strict";
import type { FieldLayout, StructLayout } from "../../ffi/struct.ts";
import { compareAll, readTruth, type Truth } from "../../scripts/check_ffi.ts";
import { typeName } from "../../scripts/ffi/compare_layouts.ts";
import { type Problem, problemLine } from "../../scripts/ffi/problem.ts";
import { readTables, type SymbolRow, type Tables } from "../../scripts/ffi/tables.ts";
import { kernelTest } from "../support/kernel_test.ts";

/** A table with one row, wrong in one way. */
interface Mutant {
  what: string;
  /** What the problem must name. */
  subject: string;
  header: string;
  tables: Tables;
}

const NOTHING: Tables = { rows: [], layouts: [], constants: [], systemCalls: {} };

const tables = await readTables();
const truth = await readTruth(tables);

const types = new Set([
  ..."void bool i8 u8 i16 u16 i32 u32 i64 u64 isize usize f32 f64".split(" "),
  ..."pointer buffer function".split(" "),
  ...tables.rows.flatMap(({ parameters, result }) => [...parameters, result]),
]);
const headers = new Set([...tables.rows, ...tables.layouts].map(({ header }) => header));

kernelTest("every table of ffi/ agrees with headers, libraries and kernel", () => {
  deepEqual(compareAll(tables, truth).map(problemLine), []);
});

kernelTest("check_ffi finds a wrong type of any parameter of any symbol", () => {
  wantAllFound(
    truth,
    tables.rows.flatMap((row) =>
      row.parameters.flatMap((current, at) =>
        others(types, current).map((type) =>
          rowMutant(`parameter ${at + 1} ${current} -> ${type}`, row, {
            parameters: row.parameters.with(at, type),
          })
        )
      )
    ),
  );
});

kernelTest("check_ffi finds a parameter too many and one too few of any symbol", () => {
  wantAllFound(
    truth,
    tables.rows.flatMap((row) => [
      ...row.parameters.map((type, at) =>
        rowMutant(`without parameter ${at + 1} ${type}`, row, {
          parameters: row.parameters.toSpliced(at, 1),
        })
      ),
      ...[...types].flatMap((type) =>
        [...row.parameters.keys(), row.parameters.length].map((at) =>
          rowMutant(`with ${type} before parameter ${at + 1}`, row, {
            parameters: row.parameters.toSpliced(at, 0, type),
          })
        )
      ),
    ]),
  );
});

kernelTest("check_ffi finds a wrong result of any symbol", () => {
  wantAllFound(
    truth,
    tables.rows.flatMap((row) =>
      others(types, row.result).map((result) =>
        rowMutant(`result ${row.result} -> ${result}`, row, { result })
      )
    ),
  );
});

kernelTest("check_ffi finds any symbol under a wrong name or in a wrong header", () => {
  wantAllFound(
    truth,
    tables.rows.flatMap((row) => [
      rowMutant("misspelt", row, { key: `${row.key}x`, symbol: `${row.symbol}x` }),
      rowMutant("alias", row, { key: `x${row.key}` }),
      ...others(headers, row.header).map((header) => rowMutant(`in ${header}`, row, { header })),
    ]),
  );
});

kernelTest("check_ffi finds any symbol that loses its errno to another thread", () => {
  const calls = "nonblocking";
  const blocking = tables.rows.filter((row) => row.calls === "blocking");
  const asynchronous = new Set(
    tables.rows.filter((row) => row.calls === calls)
      .map(({ symbol }) => symbol),
  );
  wantAllFound(truth, [
    ...blocking.map((row) => rowMutant(calls, row, { calls })),
    ...blocking.filter(({ symbol }) => !asynchronous.has(symbol)).map((row) =>
      rowMutant(`${calls} variant`, row, { calls, key: `${row.symbol}_async` })
    ),
  ]);
});

kernelTest("check_ffi finds any symbol of the floor that is called optional", () => {
  const required = tables.rows.filter(({ presence }) => presence === "required");
  wantAllFound(truth, required.map((row) => rowMutant("optional", row, { presence: "optional" })));
});

kernelTest("check_ffi finds a wrong offset, size or name of any member", () => {
  wantAllFound(
    truth,
    tables.layouts.flatMap((layout) =>
      Object.entries(layout.fields).flatMap(([member, [offset, size]]) => {
        const changes: [string, FieldLayout][] = [
          ...others([offset - 1, offset + 1, offset + size, 0], offset).map((to) =>
            ["offset", [to, size]] satisfies [string, FieldLayout]
          ),
          ...others([size - 1, size + 1, size * 2, 1, 4, 8], size).map((to) =>
            ["size", [offset, to]] satisfies [string, FieldLayout]
          ),
        ];
        const subject = `${typeName(layout)}.${member}`;
        return [
          ...changes.map(([what, field]) =>
            layoutMutant(`${what} ${field.join()}`, layout, subject, {
              fields: { [member]: field },
            })
          ),
          layoutMutant("misspelt", layout, `${subject}x`, {
            fields: { [`${member}x`]: [offset, size] },
          }),
        ];
      })
    ),
  );
});

kernelTest("check_ffi finds a wrong size, name or header of any struct", () => {
  wantAllFound(
    truth,
    tables.layouts.flatMap((layout) => {
      const subject = typeName(layout);
      return [
        ...[layout.size - 1, layout.size + 1, layout.size + 4096, 0].map((size) =>
          layoutMutant(`size ${size}`, layout, subject, { size, fields: {} })
        ),
        layoutMutant("misspelt", layout, `${subject}x`, { name: `${layout.name}x` }),
        ...others(headers, layout.header).map((header) =>
          layoutMutant(`in ${header}`, layout, subject, { header })
        ),
      ];
    }),
  );
});

kernelTest("check_ffi finds a struct that is declared too small for its members", () => {
  wantAllFound(
    truth,
    tables.layouts.map((layout) => {
      const ends = Object.entries(layout.fields).sort(([, a], [, b]) => a[0] - b[0]);
      const [member, [offset]] = ends[ends.length - 1] ?? ["", [0, 0]];
      return layoutMutant("cut", layout, `${typeName(layout)}.${member}`, { size: offset });
    }),
  );
});

kernelTest("check_ffi finds a wrong system call number and a wrong constant", () => {
  const numbers = Object.entries(tables.systemCalls).flatMap(([architecture, calls]) =>
    Object.entries(calls).map(([name, number]): Mutant => ({
      what: "number",
      subject: `${name} on ${architecture}`,
      header: truth.systemCalls.get(architecture)?.header ?? "",
      tables: { ...NOTHING, systemCalls: { [architecture]: { [name]: number + 1n } } },
    }))
  );
  const constants = tables.constants.flatMap((constant): Mutant[] => {
    const header = truth.headers.constants.get(constant.name)?.header;
    if (header === undefined) return []; // a constant of our own
    const wrong = { ...constant, value: constant.value + 1n };
    const tables = { ...NOTHING, constants: [wrong] };
    return [{ what: "value", subject: constant.name, header, tables }];
  });
  ok(constants.length > 0);
  wantAllFound(truth, [...numbers, ...constants]);
});

function rowMutant(what: string, row: SymbolRow, change: Partial<SymbolRow>): Mutant {
  const changed = { ...row, ...change };
  const { key: subject, header } = changed;
  return { what, subject, header, tables: { ...NOTHING, rows: [changed] } };
}

function layoutMutant(
  what: string,
  layout: StructLayout,
  subject: string,
  change: Partial<StructLayout>,
): Mutant {
  const changed = { ...layout, ...change };
  const { header } = changed;
  return { what, subject, header, tables: { ...NOTHING, layouts: [changed] } };
}

function others<T>(all: Iterable<T>, current: T): T[] {
  return [...new Set(all)].filter((value) => value !== current);
}

function wantAllFound(truth: Truth, mutants: readonly Mutant[]): void {
  ok(mutants.length > 0);
  const missed = mutants.filter(({ subject, header, tables }) => {
    const names = (problem: Problem) => problem.subject === subject && problem.header === header;
    return !compareAll(tables, truth).some(names);
  });
  const lines = missed.map(({ what, subject, header }) => `${subject} (${header}): ${what}`);
  deepEqual(lines, [], `${lines.length} of ${mutants.length} mutants pass`);
}
