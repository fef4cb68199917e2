// The gadgets there are, ours and the operator's: what each one is, and the bytes of its object.
import { EBPFError, validationError } from "../errors.ts";
import type { Slices } from "../slices.ts";
import { didYouMean } from "../view/did_you_mean.ts";
import { nearest } from "../view/nearest.ts";
import { gadgets as embedded } from "./embedded.gen.ts";
import type { BrokenGadget, OperatorGadgets } from "./operator_gadgets.ts";
import type { Gadget } from "./skeleton.ts";

/** Every gadget, ours first. */
export interface Listing {
  readonly builtIn: readonly Gadget[];
  /** The operator's, but for those whose name is one of ours. */
  readonly own: readonly Gadget[];
  /** The operator's that cannot run, and why. */
  readonly broken: readonly BrokenGadget[];
  /** What kept us from looking at the operator's folder. */
  readonly problem: string | null;
}

/** Names that an error offers. */
const mostNames = 64;

export class Catalogue {
  readonly #folder: URL;
  readonly #gadgets: readonly Gadget[];
  readonly #operator: OperatorGadgets | null;

  /**
   * @param folder where the objects `NAME.bpf.o` are, as a URL that ends in a slash: embedded
   *   beside the bundle in the executable, `.build/embedded/gadgets/` from source
   */
  constructor(
    folder: URL,
    gadgets: readonly Gadget[] = embedded,
    operator: OperatorGadgets | null = null,
  ) {
    this.#folder = folder;
    this.#gadgets = gadgets;
    this.#operator = operator;
  }

  /** Those of the operator too. */
  *all(): Slices<Listing> {
    const builtIn = this.#gadgets;
    if (this.#operator === null) return { builtIn, own: [], broken: [], problem: null };
    const { gadgets, broken, problem } = yield* this.#operator.list();
    const isOurs = ({ name }: { readonly name: string }) => this.#isBuiltIn(name);
    const clashes = [...gadgets, ...broken].filter(isOurs).map(({ name }) => ({
      name,
      reason: `"${name}" is the name of a built-in gadget, which is taken instead`,
    }));
    return {
      builtIn,
      own: gadgets.filter((one) => !isOurs(one)),
      broken: [...broken.filter((one) => !isOurs(one)), ...clashes],
      problem,
    };
  }

  #isBuiltIn(name: string): boolean {
    return this.#gadgets.some((one) => one.name === name);
  }

  /** Those that are built in, by name. */
  list(): readonly Gadget[] {
    return this.#gadgets;
  }

  /**
   * Ours of this name, else the operator's.
   * @throws {EBPFError} validation/unknown_gadget, naming those there are, nearest first; and what
   *   OperatorGadgets.find throws
   */
  get(name: string): Gadget {
    const gadget = this.#gadgets.find((one) => one.name === name) ?? this.#operator?.find(name);
    if (gadget !== undefined && gadget !== null) return gadget;
    const own = this.#operator?.names() ?? [];
    const names = [...new Set([...this.#gadgets.map((one) => one.name), ...own])];
    const near = nearest(name, names, names.length);
    throw validationError(
      "unknown_gadget",
      `Cannot find gadget "${name}"${didYouMean(name, names)}`,
      {
        gadget: name,
        gadgets: [...new Set([...near, ...names])].slice(0, mostNames),
        hint: "use a name of context.gadgets; list_gadgets says what each answers",
      },
    );
  }

  /**
   * The gadget's object: an ELF file, linked and without DWARF.
   * @throws {EBPFError} internal/internal_error when the build did not put it there; and what
   *   OperatorGadgets.bytes throws
   */
  bytes(gadget: Gadget): Uint8Array<ArrayBuffer> {
    if (this.#operator !== null && !this.#isBuiltIn(gadget.name)) {
      return this.#operator.bytes(gadget);
    }
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
