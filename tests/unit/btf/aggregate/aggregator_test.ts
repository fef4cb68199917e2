import assert from "node:assert/strict";
import fc from "fast-check";
import { compileAggregator } from "../../../../src/btf/aggregate/aggregator.ts";
import type { AggregateSpec } from "../../../../src/btf/aggregate/spec.ts";
import { exactInteger, type JsonValue } from "../../../../src/btf/value.ts";
import {
  add,
  aggregated,
  bytesOf,
  emptyEvent,
  sampleAggregator,
  sampleBtf,
  type SampleEvent,
} from "./records.ts";

const anyEvent: fc.Arbitrary<SampleEvent> = fc.record({
  time: fc.bigInt({ min: 0n, max: 10_000_000_000n }),
  pid: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 2 ** 32 - 1 })),
  ret: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  amount: fc.oneof(fc.bigInt({ min: 0n, max: 300n }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
  delta: fc.oneof(
    fc.bigInt({ min: -200n, max: 200n }),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  ),
  low: fc.integer({ min: 0, max: 31 }),
  state: fc.integer({ min: 0, max: 2 }),
  share: fc.double(),
  comm: fc.constantFrom("", "a", "bash", "sixteen-bytes-co", "with space", "abcd", "abcdefgh"),
  path: fc.constantFrom("", "/", "/etc/passwd", "/a/path/that/has/exactly/forty/bytes/in/"),
});

/** Groups of a plain JavaScript implementation, by JSON of their key. */
function grouped(
  events: readonly SampleEvent[],
  keyOf: (event: SampleEvent) => JsonValue,
): Map<string, SampleEvent[]> {
  const groups = new Map<string, SampleEvent[]>();
  for (const event of events) {
    const key = JSON.stringify(keyOf(event));
    groups.set(key, [...groups.get(key) ?? [], event]);
  }
  return groups;
}

const states = ["RUNNING", "SLEEPING", 2];

Deno.test("compileAggregator: counts by any fields as a map of objects does", () => {
  const keys: Readonly<Record<string, (event: SampleEvent) => JsonValue>> = {
    pid: ({ pid }) => pid,
    ret: ({ ret }) => ret,
    amount: ({ amount }) => exactInteger(amount),
    delta: ({ delta }) => exactInteger(delta),
    low: ({ low }) => low,
    state: ({ state }) => states[state],
    comm: ({ comm }) => comm,
    path: ({ path }) => path,
    address: ({ pid }) => [10, 0, 0, pid & 0xff],
  };
  fc.assert(fc.property(
    fc.array(anyEvent, { maxLength: 60 }),
    fc.subarray(Object.keys(keys), { maxLength: 8 }),
    fc.integer({ min: 0, max: 255 }),
    (events, by, garbage) => {
      const aggregator = sampleAggregator({ by, top: 1000 });
      add(aggregator, events.map((event, index) => bytesOf(event, index % 2 === 0 ? 0 : garbage)));
      const report = aggregator.take();
      const found = report.rows.map(({ count, ...key }) => [JSON.stringify(key), count]);
      const wanted = grouped(events, (event) => {
        return Object.fromEntries(by.map((path) => [path, keys[path](event)]));
      });
      assert.deepEqual(
        new Map(found.map(([key, count]) => [String(key), count])),
        new Map([...wanted].map(([key, { length }]) => [key, length])),
      );
      assert.equal(report.groups, wanted.size);
      assert.equal(report.events, events.length);
      assert.equal(report.other, null);
    },
  ));
});

/** The smallest value that `share` of them do not exceed. */
function exactQuantile(values: readonly bigint[], share: number): bigint {
  const sorted = [...values].sort((one, other) => (one < other ? -1 : one > other ? 1 : 0));
  return sorted[Math.max(0, Math.ceil(values.length * share - 1e-9) - 1)];
}

function assertWithin(found: JsonValue, exact: bigint): void {
  const value = BigInt(String(found));
  const distance = value > exact ? value - exact : exact - value;
  const amount = exact < 0n ? -exact : exact;
  assert.ok(distance * 128n <= amount, `${found} is not within 1/128 of ${exact}`);
}

Deno.test("compileAggregator: computes what exact arithmetic does", () => {
  const fields = ["pid", "ret", "amount", "delta", "low"] as const;
  fc.assert(fc.property(
    fc.array(anyEvent, { minLength: 1, maxLength: 80 }),
    fc.constantFrom(...fields),
    (events, field) => {
      const ops = ["sum", "min", "max", "avg", "p50", "p90", "p95", "p99", "p999"] as const;
      const compute = ops.map((op) => ({ op, field }));
      const report = aggregated(events, { by: ["comm"], compute, top: 100 });
      for (const [key, group] of grouped(events, ({ comm }) => comm)) {
        const row = report.rows.find(({ comm }) => JSON.stringify(comm) === key);
        const values = group.map((event) => BigInt(event[field]));
        const sum = values.reduce((all, value) => all + value);
        assert.equal(row?.[`sum_${field}`], exactInteger(sum));
        assert.equal(row?.[`min_${field}`], exactInteger(exactQuantile(values, 0)));
        assert.equal(row?.[`max_${field}`], exactInteger(exactQuantile(values, 1)));
        const mean = Number(sum) / values.length;
        assert.ok(Math.abs(Number(row?.[`avg_${field}`]) - mean) <= Math.abs(mean) * 1e-8);
        for (const [op, share] of [["p50", 0.5], ["p90", 0.9], ["p99", 0.99]] as const) {
          assertWithin(row?.[`${op}_${field}`] ?? null, exactQuantile(values, share));
        }
        assertWithin(row?.[`p999_${field}`] ?? null, exactQuantile(values, 0.999));
      }
    },
  ));
});

Deno.test("compileAggregator: puts each value into its bucket", () => {
  fc.assert(fc.property(
    fc.array(anyEvent, { minLength: 1, maxLength: 80 }),
    fc.integer({ min: 1, max: 5000 }),
    (events, step) => {
      const compute = [
        { op: "hist", field: "delta" },
        { op: "hist", field: "ret", scale: "linear", step },
      ] as const;
      const [row] = aggregated(events, { compute }).rows;
      const log2 = new Map<bigint, number>();
      const linear = new Map<number, number>();
      for (const { delta, ret } of events) {
        const amount = delta < 0n ? -delta : delta;
        const power = amount === 0n ? 0n : 2n ** BigInt(amount.toString(2).length - 1);
        const least = delta < 0n ? -2n * power + 1n : power;
        log2.set(least, (log2.get(least) ?? 0) + 1);
        const bucket = Math.min(126, Math.max(-1, Math.floor(ret / step)));
        linear.set(bucket, (linear.get(bucket) ?? 0) + 1);
      }
      const rising = [...log2].sort(([one], [other]) => (one < other ? -1 : 1));
      assert.deepEqual(row.hist_delta, {
        scale: "log2",
        buckets: rising.map(([least, count]) => [exactInteger(least), count]),
      });
      const inside = [...linear].filter(([bucket]) => bucket >= 0 && bucket < 126);
      assert.deepEqual(row.hist_ret, {
        scale: "linear",
        step,
        below: linear.get(-1) ?? 0,
        buckets: inside.sort(([a], [b]) => a - b).map(([bucket, n]) => [bucket * step, n]),
        above: linear.get(126) ?? 0,
      });
    },
  ));
});

Deno.test("compileAggregator: keeps sums exact over millions of the largest values", () => {
  const aggregator = sampleAggregator({ compute: [{ op: "sum", field: "amount" }] });
  const u8 = bytesOf({ ...emptyEvent, amount: 2n ** 64n - 1n });
  const words = new Uint32Array(u8.buffer);
  const integers = new Int32Array(u8.buffer);
  const count = 5_000_000;
  const [adder] = aggregator.adders;
  for (let index = 0; index < count; index++) adder?.(u8, words, integers, 0, u8.length);
  const [row] = aggregator.take().rows;
  assert.equal(row.sum_amount, (BigInt(count) * (2n ** 64n - 1n)).toString());
});

Deno.test("compileAggregator: counts per interval, also what comes out of order", () => {
  fc.assert(fc.property(fc.array(anyEvent, { minLength: 1, maxLength: 100 }), (events) => {
    const spec: AggregateSpec = { by: ["comm"], compute: [{ op: "rate", interval_ms: 100 }] };
    const { rows } = aggregated(events, spec);
    for (const [key, group] of grouped(events, ({ comm }) => comm)) {
      const rate = rows.find(({ comm }) => JSON.stringify(comm) === key)?.rate;
      const counts: unknown = Reflect.get(Object(rate), "counts");
      const start = Number(Reflect.get(Object(rate), "start_ns"));
      assert.ok(Array.isArray(counts) && counts.length <= 60);
      const wanted = counts.map(() => 0);
      for (const { time } of group) {
        const interval = Math.floor((Number(time) - start) / 1e8);
        if (interval >= 0) wanted[interval]++;
      }
      const earlier = group.length - wanted.reduce((all, count) => all + count, 0);
      assert.deepEqual(counts, wanted);
      assert.equal(Reflect.get(Object(rate), "earlier"), earlier);
    }
  }));
});

Deno.test("compileAggregator: keeps the first and the last value of each group", () => {
  fc.assert(fc.property(fc.array(anyEvent, { minLength: 1, maxLength: 40 }), (events) => {
    const names = ["pid", "delta", "comm", "path", "low", "address"] as const;
    const compute = names.flatMap((field) => [
      { op: "first", field } as const,
      { op: "last", field } as const,
    ]);
    const [row] = aggregated(events, { compute }).rows;
    for (const [prefix, event] of [["first", events[0]], ["last", events.at(-1)]] as const) {
      assert.equal(row[`${prefix}_pid`], event?.pid);
      assert.equal(row[`${prefix}_delta`], exactInteger(event?.delta ?? 0n));
      assert.equal(row[`${prefix}_comm`], event?.comm);
      assert.equal(row[`${prefix}_path`], event?.path);
      assert.equal(row[`${prefix}_low`], event?.low);
      assert.deepEqual(row[`${prefix}_address`], [10, 0, 0, Number(event?.pid) & 0xff]);
    }
  }));
});

Deno.test("compileAggregator: leaves NaN out, and shows infinities as text", () => {
  const shares = [NaN, 1.5, -0, Infinity, NaN];
  const events = shares.map((share) => ({ ...emptyEvent, share }));
  const compute = (["count", "min", "max", "sum", "avg"] as const).map((op) => {
    return op === "count" ? { op } : { op, field: "share" };
  });
  const [row] = aggregated(events, { compute }).rows;
  assert.deepEqual(row, {
    count: 5,
    min_share: 0,
    max_share: "Infinity",
    sum_share: "Infinity",
    avg_share: "Infinity",
  });
  const [none] = aggregated(events.slice(0, 1), { compute }).rows;
  assert.deepEqual([none.count, none.min_share, none.avg_share, none.sum_share], [
    1,
    null,
    null,
    0,
  ]);
});

Deno.test("compileAggregator: counts a million groups in as many as fit and one more", () => {
  const aggregator = sampleAggregator({
    by: ["pid"],
    compute: [{ op: "count" }, { op: "p99", field: "amount" }],
  });
  const total = 1_000_000;
  const record = bytesOf({ ...emptyEvent, amount: 1000n });
  const view = new DataView(record.buffer);
  add(
    aggregator,
    (function* () {
      for (let pid = 0; pid < total; pid++) {
        view.setUint32(8, pid, true);
        yield record;
      }
    })(),
  );
  const report = aggregator.take();
  assert.equal(report.groups, 10_000);
  assert.equal(report.events, total);
  assert.deepEqual(report.unlisted, { groups: 9_980, events: 9_980 });
  assert.equal(report.other?.count, total - 10_000);
  assert.equal(report.other?.p99_amount, 1003);
  assert.equal(report.unplaced, 0);
});

Deno.test("compileAggregator: says how many values found no bucket", () => {
  const amounts = Array.from({ length: 60 }, (_, bit) => 1n << BigInt(bit));
  const events = amounts.map((amount) => ({ ...emptyEvent, amount }));
  const limits = { groups: 4, groupBytes: 1 << 20, keyWords: 100, pages: 11 };
  const compute = [{ op: "count" }, { op: "max", field: "amount" }, { op: "p50", field: "amount" }];
  const report = aggregated(events, { compute } as AggregateSpec, limits);
  assert.equal(report.rows[0].count, 60);
  assert.equal(report.rows[0].max_amount, (1n << 59n).toString());
  assert.equal(report.unplaced, 60 - 15); // ten pages: values below 2^15
});

Deno.test("compileAggregator: counts groups whose keys find no room as others", () => {
  const events = Array.from({ length: 50 }, (_, pid) => ({ ...emptyEvent, pid, comm: `c${pid}` }));
  const limits = { groups: 1000, groupBytes: 1 << 20, keyWords: 40, pages: 10 };
  const report = aggregated([...events, ...events], { by: ["pid", "comm"] }, limits);
  assert.ok(report.groups > 2 && report.groups < 10);
  assert.ok(report.rows.every(({ count }) => count === 2));
  assert.equal(report.other?.count, 100 - 2 * report.groups);
});

Deno.test("compileAggregator: has fewer groups where each takes more", () => {
  const events = Array.from({ length: 50 }, (_, pid) => ({ ...emptyEvent, pid }));
  const limits = { groups: 1000, groupBytes: 4096, keyWords: 1000, pages: 1000 };
  const compute = [{ op: "last", field: "path" }, { op: "max", field: "ret" }] as const;
  const narrow = aggregated(events, { by: ["pid"] }, limits);
  const wide = aggregated(events, { by: ["pid"], compute }, limits);
  assert.deepEqual([narrow.groups, narrow.other], [50, null]);
  assert.ok(wide.groups < 50);
  assert.equal(wide.events, 50);
  assert.equal(wide.other?.max_ret, 0);
});

Deno.test("compileAggregator: begins anew after each answer", () => {
  const aggregator = sampleAggregator({
    by: ["comm"],
    compute: [{ op: "count" }, { op: "rate" }, { op: "p50", field: "pid" }],
  });
  const records = [bytesOf({ ...emptyEvent, comm: "a", pid: 5, time: 5_000_000_000n })];
  add(aggregator, records);
  const first = aggregator.take();
  assert.deepEqual(aggregator.take().rows, []);
  add(aggregator, records);
  assert.deepEqual(aggregator.take(), first);
  assert.deepEqual(first.rows, [{
    comm: "a",
    count: 1,
    rate: { interval_ms: 1000, start_ns: 5_000_000_000, counts: [1], earlier: 0 },
    p50_pid: 5,
  }]);
});

Deno.test("compileAggregator: says what a short record does not have", () => {
  const aggregator = sampleAggregator({
    by: ["comm", "pid"],
    compute: [{ op: "count" }, { op: "max", field: "amount" }, { op: "last", field: "path" }],
  });
  add(aggregator, [bytesOf({ ...emptyEvent, pid: 7, amount: 9n }).slice(0, 20)]);
  assert.deepEqual(aggregator.take().rows, [
    { comm: null, pid: 7, count: 1, max_amount: null, last_path: null },
  ]);
});

Deno.test("compileAggregator: counts records of any bytes and any length", () => {
  const aggregator = sampleAggregator({
    by: ["comm", "path", "state", "low", "address"],
    compute: (["sum", "min", "p50", "hist", "first", "last"] as const).flatMap((op) => [
      { op, field: "delta" },
      { op, field: "low" },
    ]),
    top: 1000,
  });
  const bytes = fc.uint8Array({ maxLength: 120 });
  fc.assert(fc.property(fc.array(bytes, { maxLength: 30 }), (records) => {
    add(aggregator, records);
    const { events, rows, rowEvents } = aggregator.take();
    assert.equal(events, records.length);
    assert.equal(rowEvents.reduce((sum, count) => sum + count, 0), records.length);
    assert.deepEqual(JSON.parse(JSON.stringify(rows)), rows);
  }));
});

Deno.test("compileAggregator: lets two types share the groups of a field that both have", () => {
  const { btf, sample, other } = sampleBtf();
  const types = [
    { name: "sample", typeId: sample, size: 112, flexible: false },
    { name: "other", typeId: other, size: 4, flexible: false },
  ];
  const both = compileAggregator(btf, types, { by: ["pid"] });
  const words = new Uint32Array(28);
  const [u8, i32] = [new Uint8Array(words.buffer), new Int32Array(words.buffer)];
  words[2] = 77;
  both.adders[0]?.(u8, words, i32, 0, 112);
  both.adders[1]?.(u8, words, i32, 8, 4);
  assert.deepEqual(both.take().rows, [{ pid: 77, count: 2 }]);
  const one = compileAggregator(btf, types, { by: ["comm"] });
  assert.deepEqual(one.adders.map((adder) => adder === null), [false, true]);
  assert.equal(one.untyped, null);
  const all = compileAggregator(null, [], {});
  all.untyped?.(u8, words, i32, 0, 4);
  assert.deepEqual(all.take().rows, [{ count: 1 }]);
});

Deno.test("compileAggregator: names a column apart from a field of the same name", () => {
  const { btf, other } = sampleBtf();
  const type = { name: "other", typeId: other, size: 4, flexible: false };
  const compute = [{ op: "max", field: "pid" }, { op: "max", field: "pid" }] as const;
  const aggregator = compileAggregator(btf, [type], { by: ["pid"], compute });
  aggregator.adders[0]?.(new Uint8Array(4), new Uint32Array(1), new Int32Array(1), 0, 4);
  assert.deepEqual(aggregator.take().rows, [{ pid: 0, max_pid: 0, max_pid_2: 0 }]);
});

Deno.test("compileAggregator: sorts by the column that is named, then by events", () => {
  const events = [["a", 1], ["b", 5], ["c", 5], ["c", 1], ["d", 9]] as const;
  const records = events.map(([comm, pid]) => ({ ...emptyEvent, comm, pid }));
  const compute = [{ op: "count" }, { op: "max", field: "pid" }] as const;
  const order = (sort?: string) => {
    return aggregated(records, { by: ["comm"], compute, sort }).rows.map(({ comm }) => comm);
  };
  assert.deepEqual(order("max_pid"), ["d", "c", "b", "a"]);
  assert.deepEqual(order(), ["c", "a", "b", "d"]);
});

Deno.test("compileAggregator: keeps field names and texts of strangers what they are", () => {
  const hostile = `x"}\u001b\u202e`;
  const report = aggregated([{ ...emptyEvent, comm: hostile }], { by: ["comm"] });
  assert.equal(report.rows[0].comm, `x"}\\x1b\\u{202e}`);
});
