// bpf://session: what this connection made and still owns.
import { describeSession } from "../tools/inspect/session_row.ts";
import { page } from "../view/page.ts";
import { toJson } from "../view/json.ts";
import { defineResource } from "./define_resource.ts";

/** Rows that one reading gives at most; `inspect_state` pages through any number. */
const mostRows = 200;

/** What the members around the rows take. */
const frameBytes = 256;

export const sessionResource = defineResource({
  uri: "bpf://session",
  name: "session",
  title: "What this session owns",
  doc: "Objects, attachments and streams that this connection made, as inspect_state " +
    'fields:["session"] shows them. Subscribe to be told when something is made or released.',
  mimeType: "application/json",
  toolset: "reflect",
  effect: "read",
  read({ session, kernel, request }) {
    const rows = describeSession(session, kernel.names);
    const limits = { limit: mostRows, byteBudget: request.byteBudget - frameBytes };
    const { items, total, truncated } = page("bpf://session", rows, limits);
    const hint = truncated ? { hint: 'inspect_state fields:["session"] gives the rest' } : {};
    return toJson({ session: items, total, truncated, ...hint });
  },
  watch: ({ session }, changed) => session.changes.listen(changed),
});
