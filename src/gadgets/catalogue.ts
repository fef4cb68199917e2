// The gadgets that are built in: what each one is, and the bytes of its object.
import { EBPFError, validationError } from "../errors.ts";
import { didYouMean } from "../view/did_you_mean.ts";
import { nearest } from "../view/nearest.ts";
import { gadgets as embedded } from "./embedded.gen.ts";
import type { Gadget } from "./skeleton.ts";

export class Catalogue {
  readonly #folder: URL;
  readonly #gadgets: readonly Gadget[];

  /**
   * @param folder where the objects `NAME.bpf.o` are, as a URL that ends in a slash: embedded
   *   beside the bundle in the executable, `.build/embedded/gadgets/` from source
   */
  constructor(folder: URL, gadgets: readonly Gadget[] = embedded) {
    this.#folder = folder;
    this.#gadgets = gadgets;
  }

  /** Every gadget, by name. */
  list(): readonly Gadget[] {
    return this.#gadgets;
  }

  /** @throws {EBPFError} validation/unknown_gadget, naming those there are, nearest first */
  get(name: string): Gadget {
    const gadget = this.#gadgets.find((one) => one.name === name);
    if (gadget !== undefined) return gadget;
    const names = this.#gadgets.map((one) => one.name);
    const near = nearest(name, names, names.length);
    throw validationError(
      "unknown_gadget",
      `Cannot find gadget "${name}"${didYouMean(name, names)}`,
      {
        gadget: name,
        gadgets: [...near, ...names.filter((one) => !near.includes(one))],
        hint: "use a name of context.gadgets; list_gadgets says what each answers",
      },
    );
  }

  /**
   * The gadget's object: an ELF file, linked and without DWARF.
   * @throws {EBPFError} internal/internal_error when the build did not put it there
   */
  bytes(gadget: Gadget): Uint8Array<ArrayBuffer> {
    const file = new URL(`${gadget.name}.bpf.o`, this.#folder);
    try {
      return Deno.readFileSync(file);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      throw new EBPFError(
        "internal",
        "internal_error",
        `Cannot read the object of gadget "${gadget.name}": "${file.pathname}" is not there`,
        { gadget: gadget.name, hint: "run: deno task gen" },
      );
    }
  }
}
