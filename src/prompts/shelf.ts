// Every prompt of the program, in the order in which `prompts/list` shows them.
import type { Prompt } from "./define_prompt.ts";
import { observe } from "./observe.ts";

export const prompts: readonly Prompt[] = [observe];
