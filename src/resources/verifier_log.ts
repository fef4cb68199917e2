// bpf://session/verifier/{object_id}: the verifier's whole words about one load.
import * as z from "zod";
import { resourceError } from "../errors.ts";
import type { VerifierLog } from "../session/verifier_logs.ts";
import { visible } from "../view/text.ts";
import { defineResourceTemplate } from "./define_resource_template.ts";

/** The longest text; of a longer log the end is given, where a refusal stands. */
const longestText = 1 << 20;

export const verifierLogResource = defineResourceTemplate({
  uriTemplate: "bpf://session/verifier/{object_id}",
  name: "verifier_log",
  title: "The verifier's log of one load",
  doc: "The whole log of a load that this connection made, refused loads included: too long for " +
    "an answer. The logs of the newest loads are kept.",
  mimeType: "text/plain",
  toolset: "deploy",
  effect: "read",
  variables: z.strictObject({ object_id: z.string().max(64) }),
  complete: {
    object_id: (_, { session }) => objectIds(session.verifierLogs.all()),
  },
  read({ object_id }, { session }) {
    const all = session.verifierLogs.all();
    const logs = all.filter((log) => log.objectId === object_id);
    if (logs.length === 0) {
      throw resourceError(
        "resource_not_found",
        `Cannot read the verifier's log of "${object_id}": no load of this session has one`,
        { objects: objectIds(all) },
      );
    }
    const text = visible(logs.map(describe).join("\n"));
    const surplus = text.length - longestText;
    return surplus <= 0
      ? text
      : `(the first ${surplus} characters are left out)\n${text.slice(-longestText)}`;
  },
});

function describe({ program, accepted, text }: VerifierLog): string {
  const verdict = accepted ? "accepted" : "refused";
  return `# ${program ?? "the load"}: ${verdict}\n${text}`;
}

/** Newest first. */
function objectIds(logs: readonly VerifierLog[]): string[] {
  return [...new Set(logs.map((log) => log.objectId))].reverse();
}
