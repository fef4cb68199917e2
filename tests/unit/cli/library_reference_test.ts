import assert from "node:assert/strict";
import * as z from "zod";
import { libraryReference } from "../../../src/cli/library_reference.ts";
import { definePrompt } from "../../../src/prompts/define_prompt.ts";
import { defineResource } from "../../../src/resources/define_resource.ts";
import { defineResourceTemplate } from "../../../src/resources/define_resource_template.ts";

const traits = { title: "T", mimeType: "text/plain", toolset: "reflect", effect: "read" } as const;

Deno.test("libraryReference tells of every resource, template and prompt", () => {
  const text = libraryReference({
    resources: [defineResource({
      ...traits,
      uri: "t://all",
      name: "all",
      doc: "A | B",
      read: () => "",
    })],
    templates: [defineResourceTemplate({
      ...traits,
      uriTemplate: "t://one/{id}",
      name: "one",
      doc: "One of them.",
      variables: z.strictObject({ id: z.string() }),
      read: () => "",
    })],
    prompts: [
      definePrompt({
        name: "ask",
        title: "Ask",
        doc: "Asks a_lot.",
        toolset: "stream",
        effect: "observe",
        arguments: z.strictObject({
          what: z.string().describe("About what"),
          how: z.string().default("").describe("How"),
        }),
        render: () => [],
      }),
    ],
  });
  assert.ok(text.includes("| `t://all` | `all` | read | text/plain | A \\| B |"), text);
  assert.ok(text.includes("| `t://one/{id}` | `one` | read | text/plain | One of them. |"), text);
  assert.ok(text.includes("### ask\n\nAsks a\\_lot. Effect observe.\n"), text);
  assert.ok(text.includes("| `what` | About what |\n| `how`? | How |"), text);
});
