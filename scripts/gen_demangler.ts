// Puts the module that demangles names of C++ and Rust where it gets embedded:
// .build/embedded/demangler.bin. It comes from npm, whole, by the integrity in deno.lock.
import "gecko-profiler-demangle/index_bg.js"; // makes Deno fetch the package
import { sha256 } from "./generated.ts";
import { embeddedFolder } from "./paths.ts";
import { say } from "./say.ts";
import { runScript } from "./script_error.ts";
import { exists } from "./tree.ts";

const PACKAGED = import.meta.resolve("gecko-profiler-demangle/index_bg.wasm");

/**
 * Where a server run from source reads it, and a build copies it from. Not called .wasm: `deno
 * compile` takes an embedded file of that name for a module, and misses what it imports.
 */
export const demanglerModule = new URL("demangler.bin", embeddedFolder);

/** Copies the module, unless the one there is the same. */
async function provideDemangler(): Promise<void> {
  const bytes = await Deno.readFile(new URL(PACKAGED));
  if (exists(demanglerModule.pathname)) {
    if (await sha256(await Deno.readFile(demanglerModule)) === await sha256(bytes)) return;
  }
  await Deno.mkdir(embeddedFolder, { recursive: true });
  await Deno.writeFile(demanglerModule, bytes);
  say("gen: wrote .build/embedded/demangler.bin");
}

if (import.meta.main) await runScript("gen", provideDemangler);
