// dns_snoop over queries to a server of the workload's own, in a network namespace of its own.
import assert from "node:assert/strict";
import type { Fields } from "../../../tests/support/answers.ts";
import { gadgetTest } from "../../../tests/support/gadgets.ts";

const shown = (one: Fields) => [one.kind, one.name, one.type, one.rcode, one.first_address];

/** A query and its answer, `count` times. */
function pairs(count: number, name: string, type: string, code: string, address: string) {
  const query = ["DNS_QUERY", name, type, "DNS_NOERROR", "::"];
  return Array(count).fill([query, ["DNS_ANSWER", name, type, code, address]]).flat();
}

gadgetTest("dns_snoop", "reports each query and its answer, once", async ({ observe }) => {
  const { events, subject } = await observe("dns", [
    "ask 4 20 1 Www.Example.TEST",
    "ask 6 12 28 six.test",
    "deny 4 7 3 gone.test",
    "ignore 5 silent.test",
    "alias 4 alias.test",
    "twice 3 twice.test",
  ]);
  assert.deepEqual(events.map(shown), [
    ...pairs(20, "www.example.test", "DNS_A", "DNS_NOERROR", "192.0.2.7"),
    ...pairs(12, "six.test", "DNS_AAAA", "DNS_NOERROR", "2001:db8::7"),
    ...pairs(7, "gone.test", "DNS_A", "DNS_NXDOMAIN", "::"),
    ...Array(5).fill(["DNS_QUERY", "silent.test", "DNS_A", "DNS_NOERROR", "::"]),
    ...pairs(4, "alias.test", "DNS_A", "DNS_NOERROR", "192.0.2.7"),
    ...pairs(3, "twice.test", "DNS_A", "DNS_NOERROR", "192.0.2.7"),
  ]);
  const netns = (await Deno.readLink(`/proc/${subject.pid}/ns/net`)).slice("net:[".length, -1);
  for (const event of events) {
    const { pid, tid, comm, uid, owner_known, latency_ns } = event;
    assert.deepEqual([pid, tid, comm, uid], [subject.pid, subject.pid, "dns", Deno.uid()]);
    assert.deepEqual([owner_known, event.netns, event.name_cut], [true, Number(netns), false]);
    assert.equal(Number(latency_ns) > 0, event.kind === "DNS_ANSWER");
    const home = event.type === "DNS_AAAA" ? "::1" : "127.0.0.1";
    assert.deepEqual([event.client_address, event.server_address], [home, home]);
  }
  const ids = events.filter(({ kind }) => kind === "DNS_QUERY").map(({ id }) => id);
  assert.deepEqual(ids, Array.from({ length: 51 }, (_, at) => at + 1));
  assert.deepEqual([events[1].answers, events[1].message_bytes], [1, 12 + 22 + 16]);
});

gadgetTest("dns_snoop", "tells how long an answer took", async (test) => {
  const commands = ["late 60 late.test", "ask 4 3 1 quick.test"];
  const { events } = await test.observe("dns", commands);
  const [late, quick] = [Number(events[1].latency_ns), Number(events[3].latency_ns)];
  assert.ok(late >= 60e6, `${late} ns`);
  assert.ok(quick < late);
  const slow = await test.observe("dns", commands, { also: { min_latency_us: 60_000 } });
  assert.deepEqual(slow.events.map(({ kind, name }) => [kind, name]), [[
    "DNS_ANSWER",
    "late.test",
  ]]);
});

const hex = (...parts: string[]) =>
  [...parts.join("")].map((sign) => sign.charCodeAt(0).toString(16).padStart(2, "0")).join("");
const label = (text: string) => String.fromCharCode(text.length) + text;
const tail = "\0\0\x01\0\x01";

gadgetTest("dns_snoop", "shows names that nobody would give, and no more of them", async (test) => {
  const long = Array.from({ length: 4 }, (_, at) => "abcd"[at].repeat(at < 3 ? 63 : 61));
  const questions: [string, string, boolean][] = [
    [hex(label('a\0b"\x1b[31m'), label("x.y"), label("\xc3\xa9"), tail), 'a?b"?[31m.x?y.??', false],
    [hex("\0\0\x02\0\x01"), "", false], // the root
    [hex(...long.map(label), tail), long.join("."), false],
    [hex(label("tail"), "\x05cut"), "tail.cut", true],
    [hex(label("ok"), "\xc0\x0c\0\x01"), "ok", true],
    ["", "", true],
  ];
  const commands = questions.map(([bytes]) => `question ${bytes}`);
  const { events } = await test.observe("dns", commands);
  const queries = events.filter(({ kind }) => kind === "DNS_QUERY");
  assert.deepEqual(queries.map(({ name_cut }) => name_cut), questions.map(([, , cut]) => cut));
  for (const [at, [, name, isCut]] of questions.entries()) {
    const text = String(queries[at].name);
    assert.equal(isCut ? text.slice(0, name.length) : text, name);
  }
  const codes = events.filter(({ kind }) => kind === "DNS_ANSWER").map(({ rcode }) => rcode);
  assert.deepEqual(codes, Array(questions.length).fill("DNS_FORMERR"));
  assert.deepEqual(queries.slice(0, 3).map(({ type }) => type), ["DNS_A", "DNS_NS", "DNS_A"]);
});

gadgetTest("dns_snoop", "leaves out what is not asked for, and what is no DNS", async (test) => {
  const commands = ["short 4", "ask 4 3 65280 some.test", "deny 4 2 5 refused.test"];
  const look = async (also: Record<string, unknown>) =>
    (await test.observe("dns", commands, { also })).events;
  const all = await look({});
  assert.equal(all.length, 2 * 5);
  assert.equal(all[0].type, 65280);
  const failed = await look({ failed_only: true });
  assert.deepEqual(failed.map(({ rcode }) => rcode), ["DNS_REFUSED", "DNS_REFUSED"]);
  assert.equal((await look({ port: 54 })).length, 0);
  assert.equal((await look({ netns: 1 })).length, 0);
  assert.equal((await look({ comm: "dn" })).length, 0);
  assert.equal((await look({ comm: "dns", uid: Deno.uid() })).length, 10);
});
