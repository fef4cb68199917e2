// What one answer encloses besides its JSON, within bounds.
import { resourceError } from "../errors.ts";
import { type Content, contentSize } from "../tools/content.ts";

/** Pictures and sounds go to people; a base64 text of 4 MiB is a third longer. */
const mostMediaBytes = 4 << 20;
const mostBlocks = 64;

export class Enclosures {
  readonly #byteBudget: number;
  readonly #blocks: Content[] = [];
  #textBytes = 0;
  #mediaBytes = 0;

  /** @param byteBudget what the texts together may take, in UTF-8 bytes */
  constructor(byteBudget: number) {
    this.#byteBudget = byteBudget;
  }

  /** In the order in which they were added. */
  get blocks(): readonly Content[] {
    return this.#blocks;
  }

  /** @throws resource/limit_exceeded */
  add(content: Content): void {
    const { textBytes, mediaBytes } = contentSize(content);
    this.#textBytes += textBytes;
    this.#mediaBytes += mediaBytes;
    const isTooMuch = this.#textBytes > this.#byteBudget || this.#mediaBytes > mostMediaBytes;
    if (isTooMuch || this.#blocks.length >= mostBlocks) {
      throw resourceError("limit_exceeded", "Cannot enclose more in one answer", {
        text_bytes: this.#textBytes,
        max_text_bytes: this.#byteBudget,
        media_bytes: this.#mediaBytes,
        max_media_bytes: mostMediaBytes,
        max_blocks: mostBlocks,
        hint: "Ask for less at a time",
      });
    }
    this.#blocks.push(content);
  }
}
