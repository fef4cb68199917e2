// Resources and prompts in Markdown, from themselves: what follows the tool reference.
import type { LibraryContents } from "../server/library.ts";

/** Two chapters: what can be read under a URI, and what a person can pick. */
export function libraryReference({ resources, templates, prompts }: Required<LibraryContents>) {
  const fixed = resources.map((one) => ({ ...one, address: one.uri }));
  const families = templates.map((one) => ({ ...one, address: one.uriTemplate }));
  const rows = [...fixed, ...families].map(({ address, name, effect, mimeType, doc }) => {
    return `| \`${address}\` | \`${name}\` | ${effect} | ${mimeType} | ${escape(doc)} |`;
  });
  const sections = prompts.map(({ name, effect, doc, argumentList }) => {
    const list = argumentList.map((argument) => {
      const shown = argument.required ? `\`${argument.name}\`` : `\`${argument.name}\`?`;
      return `| ${shown} | ${escape(argument.description)} |`;
    });
    const table = ["| Argument | |", "|---|---|", ...list].join("\n");
    return `### ${name}\n\n${escape(doc)} Effect ${effect}.\n\n${list.length === 0 ? "" : table}`
      .trimEnd();
  });
  return [
    "## Resources",
    "Read and subscribed to within the same role and flags as tools; `--tools` and " +
    "`--exclude-tools` take their names. Every variable completes.",
    ["| URI | Name | Effect | Type | What |", "|---|---|---|---|---|", ...rows].join("\n"),
    "## Prompts",
    ...sections,
  ].join("\n\n") + "\n";
}

/** Text that stays one cell and is no markup. */
function escape(text: string): string {
  return text.replaceAll(/[|<>*_]/g, "\\$&").replaceAll("\n", " ");
}
