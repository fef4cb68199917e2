// The layers (HOUSE_STYLE, "Layers") as a table. A folder imports only what its row allows.

const pure = ["src/btf", "src/elf", "src/insn", "src/probe", "src/policy", "src/view"];
const kernelAndHost = ["src/kernel", "src/host"];
const owning = ["src/session", "src/gadgets", "src/telemetry"];
const answering = ["src/tools", "src/resources", "src/prompts"];
const settings = ["src/config.ts", "src/http_config.ts", "src/setting.ts", "src/log.ts"];

/** Open to every layer. */
const openToAll = ["src/errors.ts", "src/slices.ts", "src/version.ts"];

export interface Layer {
  /** Folders, or single files, that follow this row. */
  readonly members: readonly string[];
  /** What they may import, besides their own folder and what is open to all. */
  readonly imports: readonly string[];
  /** What they may import types of, and nothing else. */
  readonly importsTypesOf?: readonly string[];
}

/** From the bottom up. The first row that a file belongs to counts. */
export const layers: readonly Layer[] = [
  { members: ["src/errno.gen.ts"], imports: [] },
  { members: ["src/errno.ts"], imports: ["src/errno.gen.ts"] },
  { members: ["src/errors.ts"], imports: ["src/errno.ts"] },
  { members: ["src/slices.ts"], imports: [] },
  { members: ["src/version.ts"], imports: ["deno.json"] },
  { members: ["ffi"], imports: [] },
  { members: pure, imports: pure },
  { members: settings, imports: [...pure, ...settings] },
  { members: kernelAndHost, imports: ["ffi", "src/errno.ts", ...pure] },
  { members: ["src/symbols"], imports: ["src/host", "src/kernel", "src/elf"] },
  {
    members: owning,
    imports: [
      "ffi",
      "src/errno.ts",
      ...pure,
      ...kernelAndHost,
      "src/symbols",
      ...owning,
      ...settings,
    ],
  },
  {
    members: answering,
    imports: [
      "src/session",
      "src/gadgets",
      "src/errno.ts",
      ...pure,
      ...answering,
      ...settings,
    ],
    importsTypesOf: kernelAndHost,
  },
  {
    members: ["src/server"],
    imports: [...answering, "src/session", "src/telemetry", ...pure, ...settings],
  },
  { members: ["src/cli"], imports: ["src/server", "src/tools", "src/view", ...settings] },
];

/** Packages that stand behind one folder or file, so that a newer one touches nothing else. */
export const packages: ReadonlyMap<string, readonly string[]> = new Map([
  ["@modelcontextprotocol/sdk", ["src/server"]],
  ["citty", ["src/cli", "main.ts"]],
  ["@logtape/logtape", ["src/log.ts"]],
]);

export type ImportKind = "value" | "type";

/** True for a file that has a row or a place of its own: other files may import what they like. */
export function isLayered(path: string): boolean {
  return path.startsWith("src/") || path.startsWith("ffi/");
}

/** True for the folders of pure functions: no files, no FFI, no clocks. */
export function isPure(path: string): boolean {
  return pure.some((folder) => belongs(path, folder));
}

/**
 * Why `from` may not import `to`, or null if it may.
 * Both are paths below the repository's root; `to` is a package's name when it is not a file.
 */
export function refusal(from: string, to: string, kind: ImportKind): string | null {
  if (!isLayered(from)) return null;
  const row = layers.find(({ members }) => members.some((member) => belongs(from, member)));
  if (row === undefined) return `"${from}" belongs to no row of the layer table`;
  const allowed = [...row.imports, ...openToAll, ...row.members.filter((m) => belongs(from, m))];
  if (allowed.some((member) => belongs(to, member))) return null;
  if (row.importsTypesOf?.some((member) => belongs(to, member))) {
    return kind === "type" ? null : `${layerOf(from)} may import only types of ${layerOf(to)}`;
  }
  return `${layerOf(from)} may not import ${layerOf(to)}`;
}

/** Why `from` may not import the package behind `specifier`, or null if it may. */
export function packageRefusal(from: string, specifier: string): string | null {
  if (!isLayered(from) && from !== "main.ts") return null;
  for (const [name, members] of packages) {
    if (!namesPackage(specifier, name)) continue;
    if (members.some((member) => belongs(from, member))) return null;
    return `${name} may be imported only in ${members.join(" and ")}`;
  }
  return null;
}

function namesPackage(specifier: string, name: string): boolean {
  const bare = specifier.startsWith("npm:") ? specifier.slice(4) : specifier;
  return bare === name || bare.startsWith(`${name}/`) || bare.startsWith(`${name}@`);
}

function belongs(path: string, member: string): boolean {
  return path === member || path.startsWith(`${member}/`);
}

/** The folder that a message names: `src/btf/layout.ts` is in `src/btf`. */
function layerOf(path: string): string {
  const [top = "", second = ""] = path.split("/");
  return top === "src" ? `${top}/${second}` : top;
}
