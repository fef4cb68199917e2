// Every input that once failed, again.
import assert from "node:assert/strict";
import { crashersOf } from "./crashers.ts";
import { runInput } from "./run_cases.ts";
import { targets } from "./targets.ts";

for (const target of targets) {
  const crashers = await crashersOf(target.name);
  if (crashers.length === 0) continue;
  Deno.test({
    name: `${target.name}: holds what once failed, ${crashers.length} inputs`,
    sanitizeResources: false, // the libraries stay open
    async fn(context) {
      await using prepared = await target.prepare();
      for (const { name, input } of crashers) {
        await context.step(name, async () => {
          const { reason } = await runInput(target, prepared, input);
          assert.equal(reason, null);
        });
      }
      await prepared.settle?.();
    },
  });
}
