// Which gadgets answer a question, by its words: a word that few gadgets have counts more.
import type { Gadget } from "./skeleton.ts";

/** What a word is worth, by where the gadget has it. */
const worth = { name: 6, keyword: 5, title: 4, question: 3, field: 2, fieldDoc: 1 } as const;
/** Of a word that begins like the gadget's. */
const PARTIAL = 0.5;
const SHORTEST_BEGINNING = 4;
const MOST_WORDS = 64;

/** They are in every question. */
const empty = new Set(
  ("a an and any are as at be by can do does for from get has have here how i in is it its me my " +
    "of on or our so that the their them there these they this to was we were what when where " +
    "which while who whom why will with you your host system machine linux").split(" "),
);

/** The gadgets that have a word of the question, best first; those alike by name. */
export function rankGadgets(question: string, gadgets: readonly Gadget[]): readonly Gadget[] {
  const wanted = [...new Set(wordsOf(question))].slice(0, MOST_WORDS);
  const indexes = gadgets.map(indexOf);
  const scores = gadgets.map(() => 0);
  for (const word of wanted) {
    const found = indexes.map((index) => worthOf(word, index));
    const having = found.filter((value) => value > 0).length;
    if (having === 0) continue;
    const rarity = Math.log(1 + gadgets.length / having);
    found.forEach((value, at) => scores[at] += value * rarity);
  }
  return gadgets
    .map((gadget, at) => ({ gadget, score: scores[at] }))
    .filter(({ score }) => score > 0)
    .sort((one, other) => {
      return other.score - one.score || (one.gadget.name < other.gadget.name ? -1 : 1);
    })
    .map(({ gadget }) => gadget);
}

type Index = ReadonlyMap<string, number>;

function indexOf({ name, manifest }: Gadget): Index {
  const index = new Map<string, number>();
  const add = (text: string, value: number) => {
    for (const word of wordsOf(text)) index.set(word, Math.max(index.get(word) ?? 0, value));
  };
  add(name, worth.name);
  for (const keyword of manifest.keywords) add(keyword, worth.keyword);
  add(manifest.title, worth.title);
  add(manifest.question, worth.question);
  for (const [field, { doc }] of Object.entries(manifest.fields)) {
    add(field, worth.field);
    add(doc, worth.fieldDoc);
  }
  return index;
}

function worthOf(word: string, index: Index): number {
  const exact = index.get(word);
  if (exact !== undefined) return exact;
  if (word.length < SHORTEST_BEGINNING) return 0;
  let best = 0;
  for (const [known, value] of index) {
    if (known.length < SHORTEST_BEGINNING) continue;
    if (known.startsWith(word) || word.startsWith(known)) best = Math.max(best, value * PARTIAL);
  }
  return best;
}

/** Lower case, without endings that only grammar wants. */
function wordsOf(text: string): string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.filter((word) => word.length > 1 && !empty.has(word)).map(stem);
}

function stem(word: string): string {
  if (word.length < 5) return word.replace(/([^s])s$/, "$1");
  return word
    .replace(/(?:ies|y)$/, "i")
    .replace(/(?:ings?|ed|es|s)$/, "")
    .replace(/(.)\1$/, "$1") // opened, opening, dropped
    .replace(/e$/, "");
}
