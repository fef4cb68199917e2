// Puts the module that demangles names of C++ and Rust where it gets embedded:
// .build/embedded/demangle.wasm. It comes from npm, whole, by the integrity in deno.lock.
import "gecko-profiler-demangle/index_bg.js"; // makes Deno fetch the package
import { sha256 } from "./generated.ts";
import { embeddedFolder } from "./paths.ts";
import { say } from "./say.ts";
import { runScript } from "./script_error.ts";
import { exists } from "./tree.ts";

const PACKAGED = import.meta.resolve("gecko-profiler-demangle/index_bg.wasm");

/** Where a server run from source reads it, and a build copies it from. */
export const demanglerModule = new URL("demangle.wasm", embeddedFolder);

/** Copies the module, unless the one there is the same. */
async function provideDemangler(): Promise<void> {
  const bytes = await Deno.readFile(new URL(PACKAGED));
  if (exists(demanglerModule.pathname)) {
    if (await sha256(await Deno.readFile(demanglerModule)) === await sha256(bytes)) return;
  }
  await Deno.mkdir(embeddedFolder, { recursive: true });
  await Deno.writeFile(demanglerModule, bytes);
  say("gen: wrote .build/embedded/demangle.wasm");
}

if (import.meta.main) await runScript("gen", provideDemangler);
