import assert from "node:assert/strict";
import { rankGadgets } from "../../../src/gadgets/ranking.ts";
import type { Gadget } from "../../../src/gadgets/skeleton.ts";
import { sampleGadget } from "./sample_gadget.ts";

function gadget(name: string, words: Partial<Gadget["manifest"]>): Gadget {
  const nothing = { title: "-", question: "-", keywords: [], fields: {} };
  return { ...sampleGadget, name, manifest: { ...sampleGadget.manifest, ...nothing, ...words } };
}

const shelf = [
  gadget("exec_snoop", {
    title: "Programs that are started",
    question: "Which programs are started, by whom, and which attempts fail?",
    keywords: ["exec", "process", "command", "short-lived"],
    fields: { filename: { doc: "The program's path" } },
  }),
  gadget("open_snoop", {
    title: "Files that are opened",
    question: "Who opens which file?",
    keywords: ["file", "open"],
    fields: { path: { doc: "What was opened" } },
  }),
  gadget("tcp_drop", {
    title: "TCP packets that the kernel drops",
    question: "Why are packets lost?",
    keywords: ["network", "drop", "packet"],
    fields: { reason: { doc: "Why it was dropped" } },
  }),
];

const asked: [question: string, first: string][] = [
  ["who opens /etc/passwd?", "open_snoop"],
  ["which file is being opened", "open_snoop"],
  ["Why do I lose PACKETS on the network", "tcp_drop"],
  ["dropped", "tcp_drop"],
  ["what processes get started all the time", "exec_snoop"],
  ["short-lived commands", "exec_snoop"],
  ["tcp_drop", "tcp_drop"],
];

for (const [question, first] of asked) {
  Deno.test(`rankGadgets answers "${question}" with ${first}`, () => {
    assert.equal(rankGadgets(question, shelf)[0]?.name, first);
  });
}

Deno.test("rankGadgets gives nothing for words that no gadget has, and for none", () => {
  assert.deepEqual(rankGadgets("xylophone", shelf), []);
  assert.deepEqual(rankGadgets("what is it on this host?", shelf), []);
  assert.deepEqual(rankGadgets("\0\x1b[31m", shelf), []);
});

Deno.test("rankGadgets is quick with a question that is as long as it may be", () => {
  const long = Array.from({ length: 500 }, (_, index) => `opening${index}`).join(" ");
  assert.equal(rankGadgets(long, shelf)[0]?.name, "open_snoop");
});
