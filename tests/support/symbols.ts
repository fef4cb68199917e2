// Names for addresses as `main.ts` wires them.
import { embeddedFolder } from "../../scripts/paths.ts";
import { KernelSymbols } from "../../src/host/kernel_symbols.ts";
import { Tracefs } from "../../src/host/tracefs.ts";
import { Demangler } from "../../src/symbols/demangler.ts";
import { Symbolizer } from "../../src/symbols/symbolizer.ts";

/** Reads the demangler when the first mangled name comes. */
export function openSymbolizer(): Symbolizer {
  const module = new URL("demangler.bin", embeddedFolder);
  return new Symbolizer(
    new KernelSymbols(new Tracefs()),
    new Demangler(() => Deno.readFileSync(module)),
  );
}
