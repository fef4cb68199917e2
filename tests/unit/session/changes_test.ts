import assert from "node:assert/strict";
import { Changes } from "../../../src/session/changes.ts";
import { OwnedTable } from "../../../src/session/owned_table.ts";

Deno.test("Changes tells each listener until it is disposed of", () => {
  const changes = new Changes();
  let count = 0;
  const listener = () => count++;
  const first = changes.listen(listener);
  using _second = changes.listen(listener);
  changes.announce();
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  changes.announce();
  assert.equal(count, 3);
});

Deno.test("OwnedTable announces what is added and what is released", async () => {
  const changes = new Changes();
  let count = 0;
  using _listening = changes.listen(() => count++);
  const table = new OwnedTable({ noun: "thing", notFound: "object_not_found", most: 2, changes });
  await table.add("thing-1", { [Symbol.asyncDispose]: () => Promise.resolve() });
  assert.equal(count, 1);
  await table.release("thing-1");
  await table.release("thing-1");
  assert.equal(count, 2);
});
