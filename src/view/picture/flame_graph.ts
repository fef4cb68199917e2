// A flame graph (Gregg, "The Flame Graph", CACM 2016) as one SVG document: each frame as wide as
// its share of the counts, above its caller.
import { flameScript } from "./flame_script.ts";
import { type CountedStack, type FlameNode, flameTree, sortedCallees } from "./flame_tree.ts";
import { numberText, type Unit } from "./number_text.ts";
import { xmlText } from "./xml.ts";

export interface FlameText {
  readonly title: string;
  /** What is counted: `samples`, `ns off CPU`. */
  readonly of: string;
  readonly unit?: Unit;
}

export interface FlameGraph {
  readonly svg: string;
  readonly frames: number;
  /** Too narrow to be drawn; their callers are as wide as they are. */
  readonly omitted: number;
}

const WIDTH = 1200;
const ROW = 18;
const HEAD = 48;
const FOOT = 8;
/** Pixels; a narrower frame would not be seen. */
const NARROWEST = 0.3;
/** Of a monospaced letter at 12 pixels. */
const LETTER = 7.25;
/** Frames beyond this are not drawn: a picture that no browser opens is none. */
const MOST_FRAMES = 20_000;

interface Placed {
  readonly node: FlameNode;
  readonly x: number;
  readonly width: number;
  readonly depth: number;
}

/** The same stacks give the same bytes. */
export function flameGraph(stacks: readonly CountedStack[], text: FlameText): FlameGraph {
  const root = flameTree(stacks);
  const { placed, omitted } = place(root);
  const rows = 1 + placed.reduce((deepest, { depth }) => Math.max(deepest, depth), 0);
  const height = HEAD + rows * ROW + FOOT;
  const idle = "click a frame to zoom, here or / to search, Esc to go back";
  const total = `${numberText(root.count, text.unit)} ${text.of}`;
  const cut = omitted === 0 ? "" : `, ${omitted} frames too narrow to draw`;
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" ` +
    `width="100%" preserveAspectRatio="xMidYMin" data-width="${WIDTH}" role="img">`,
    `<title>${xmlText(text.title)}</title>`,
    `<style>${style}</style>`,
    `<rect class="paper" width="${WIDTH}" height="${height}"/>`,
    `<text class="title" x="6" y="18">${xmlText(text.title)}</text>`,
    `<text x="6" y="36">${xmlText(total + cut)}</text>`,
    `<text id="status" x="${
      WIDTH - 6
    }" y="36" text-anchor="end" data-idle="${idle}">${idle}</text>`,
    ...placed.map((one) => frameElement(one, root.count, rows, text)),
    `<script>//<![CDATA[${flameScript}//]]></script>`,
    "</svg>",
    "",
  ].join("\n");
  return { svg, frames: placed.length, omitted };
}

/** Callers before callees, without recursion: a stack may be deep. */
function place(root: FlameNode): { placed: Placed[]; omitted: number } {
  const placed: Placed[] = [];
  let omitted = 0;
  const pending: Placed[] = root.count > 0 ? [{ node: root, x: 0, width: WIDTH, depth: 0 }] : [];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next.width < NARROWEST || placed.length >= MOST_FRAMES) {
      omitted++;
      continue;
    }
    placed.push(next);
    let { x } = next;
    for (const callee of sortedCallees(next.node)) {
      const width = callee.count / root.count * WIDTH;
      pending.push({ node: callee, x, width, depth: next.depth + 1 });
      x += width;
    }
  }
  return { placed, omitted };
}

function frameElement(
  { node, x, width, depth }: Placed,
  total: number,
  rows: number,
  { of, unit }: FlameText,
): string {
  const { name, kind } = node.frame;
  const y = HEAD + (rows - 1 - depth) * ROW;
  const share = (node.count / total * 100).toFixed(1);
  const tip = `${name}: ${numberText(node.count, unit)} ${of}, ${share}%`;
  const letters = Math.floor((width - 6) / LETTER);
  const label = letters < 2 ? "" : cutName(name, letters);
  return `<g class="frame ${kind}${shade(name)}" data-name="${xmlText(name)}" data-x="${
    fixed(x)
  }" ` +
    `data-width="${fixed(width)}" data-depth="${depth}"><title>${xmlText(tip)}</title>` +
    `<rect x="${fixed(x)}" y="${y}" width="${fixed(Math.max(width - 0.5, 0.1))}" ` +
    `height="${ROW - 1}" rx="1"/><text x="${fixed(x + 3)}" y="${y + 13}">${
      xmlText(label)
    }</text></g>`;
}

function cutName(name: string, letters: number): string {
  const characters = [...name];
  return characters.length <= letters ? name : `${characters.slice(0, letters - 1).join("")}…`;
}

function fixed(value: number): string {
  return String(Number(value.toFixed(3)));
}

/** One of four shades, the same for the same name everywhere. */
function shade(name: string): number {
  let hash = 7;
  for (const character of name) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) | 0;
  return (hash >>> 8) % 4;
}

function shades(kind: string, hue: number, saturation: number, light: number): string {
  return [0, 1, 2, 3].map((step) => {
    return `.${kind}${step} rect{fill:hsl(${hue} ${saturation}% ${light + step * 4}%)}`;
  }).join("");
}

const style = "text{font:12px ui-monospace,monospace;fill:#1a1a1a}.title{font-weight:bold}" +
  "svg{background:#fff}.paper{fill:#fff}" +
  ".frame{cursor:pointer}.frame text{pointer-events:none}#status{cursor:pointer}" +
  shades("user", 28, 85, 62) + shades("kernel", 210, 60, 66) + shades("other", 0, 0, 78) +
  ".frame:hover rect{stroke:#1a1a1a}.hit rect{fill:#d63ad6!important}" +
  "@media (prefers-color-scheme:dark){svg{background:#16181d}" +
  ".paper{fill:#16181d}text{fill:#e6e6e6}" +
  ".frame text{fill:#111}.frame:hover rect{stroke:#fff}}";
