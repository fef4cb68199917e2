// Runs a pattern in linear time: a deterministic automaton whose states are made when needed.
import { type CharacterSet, LAST_UNIT } from "./character_set.ts";
import { NodeGraph } from "./node_graph.ts";
import type { PatternNode } from "./node.ts";

/** More states than these are forgotten, and made again. */
const MAX_STATES = 1000;
/** Places looked at while states are made, over a matcher's life: some 200 ms of work. */
const MAX_STEPS = 2_000_000;
const ASCII = 128;

interface State {
  /** Places in the graph that wait for a character or for the name's end. */
  readonly places: readonly number[];
  /** By class of characters; undefined until asked for. */
  readonly next: (State | undefined)[];
  /** Whatever follows, the name matches. */
  readonly isMatch: boolean;
  /** Whatever follows, it does not. */
  readonly isDead: boolean;
  readonly matchesAtEnd: boolean;
}

export class Automaton {
  readonly #graph: NodeGraph;
  /** First units of the classes of characters that the pattern tells apart, rising from 0. */
  readonly #cuts: readonly number[];
  readonly #asciiClass = new Uint16Array(ASCII);
  /** For each set of the graph, by class: 1 when it is in the set. */
  readonly #inSet: readonly Uint8Array[];
  readonly #seen: Uint32Array;
  #generation = 0;
  #steps = 0;
  #states = new Map<string, State>();
  #start: State | null = null;

  /** @throws PatternError when the pattern is too large */
  constructor(root: PatternNode) {
    this.#graph = new NodeGraph(root);
    this.#cuts = cutPoints(this.#graph.sets);
    for (let unit = 0; unit < ASCII; unit++) this.#asciiClass[unit] = this.#searchClass(unit);
    this.#inSet = this.#graph.sets.map((set) =>
      Uint8Array.from(
        this.#cuts,
        (unit) => set.some(([first, last]) => first <= unit && unit <= last) ? 1 : 0,
      )
    );
    this.#seen = new Uint32Array(this.#graph.size);
  }

  /** Whether the pattern is found in the name; null when that takes too much work. */
  matches(name: string): boolean | null {
    let state = this.#start ??= this.#state([this.#graph.entry], "at start");
    for (let at = 0; at < name.length; at++) {
      if (state.isMatch) return true;
      if (state.isDead) return false;
      const unit = name.charCodeAt(at);
      const group = unit < ASCII ? this.#asciiClass[unit] : this.#searchClass(unit);
      const next: State | undefined = state.next[group];
      if (next !== undefined) {
        state = next;
        continue;
      }
      if (this.#steps > MAX_STEPS) return null;
      state = state.next[group] = this.#follow(state, group);
    }
    return state.isMatch || state.matchesAtEnd;
  }

  /** The state after a character of a class. A match may also begin behind it. */
  #follow(state: State, group: number): State {
    const { kinds, first, second } = this.#graph;
    const reached: number[] = [];
    for (const place of state.places) {
      if (kinds[place] === "set" && this.#inSet[second[place]][group] === 1) {
        reached.push(first[place]);
      }
    }
    if (!this.#graph.isAnchored) reached.push(this.#graph.entry);
    return this.#state(reached, "inside");
  }

  #state(reached: readonly number[], position: "at start" | "inside"): State {
    const places = this.#closure(reached, position);
    const key = `${position} ${places.join()}`;
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    if (this.#states.size >= MAX_STATES) {
      this.#states = new Map();
      this.#start = null;
    }
    const state: State = {
      places,
      next: new Array<State | undefined>(this.#cuts.length).fill(undefined),
      isMatch: places.includes(this.#graph.match),
      isDead: places.length === 0 && this.#graph.isAnchored,
      matchesAtEnd: this.#closure(places, position, "at end").includes(this.#graph.match),
    };
    this.#states.set(key, state);
    return state;
  }

  /** The places reached without a character, sorted: those that wait, and the match. */
  #closure(
    from: readonly number[],
    position: "at start" | "inside",
    end: "at end" | "before end" = "before end",
  ): number[] {
    const { kinds, first, second } = this.#graph;
    const generation = ++this.#generation;
    const open = [...from];
    const waiting: number[] = [];
    for (let place = open.pop(); place !== undefined; place = open.pop()) {
      this.#steps++;
      if (this.#seen[place] === generation) continue;
      this.#seen[place] = generation;
      switch (kinds[place]) {
        case "split":
          open.push(first[place], second[place]);
          break;
        case "start":
          if (position === "at start") open.push(first[place]);
          break;
        case "end":
          if (end === "at end") open.push(first[place]);
          else waiting.push(place);
          break;
        default:
          waiting.push(place);
      }
    }
    return waiting.sort((a, b) => a - b);
  }

  #searchClass(unit: number): number {
    let low = 0;
    let high = this.#cuts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#cuts[middle] <= unit) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

function cutPoints(sets: readonly CharacterSet[]): number[] {
  const cuts = new Set([0]);
  for (const [first, last] of sets.flat()) {
    cuts.add(first);
    if (last < LAST_UNIT) cuts.add(last + 1);
  }
  return [...cuts].sort((a, b) => a - b);
}
