// A row of a list that is put together when an answer comes to it, and only then: a page shows
// twenty of a thousand.

export class Row<Shape> {
  readonly #describe: () => Shape;
  #shape: Shape | null = null;

  /** @param id the kernel's, by which the list is sorted */
  constructor(readonly id: number, describe: () => Shape) {
    this.#describe = describe;
  }

  get shape(): Shape {
    return this.#shape ??= this.#describe();
  }

  /** What it takes in an answer is what its shape takes. */
  toJSON(): Shape {
    return this.shape;
  }
}
