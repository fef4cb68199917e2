// What a resource is: something to read under a fixed URI, with the reach of a tool.
import { internalError } from "../errors.ts";
import type { Effect, Role } from "../policy/role.ts";
import type { Toolset } from "../policy/toolset.ts";
import type { Services, Tool } from "../tools/define_tool.ts";

/** What belongs to one reading. */
export interface ReadContext extends Services {
  /** The tools within this connection's reach: what a prompt may name. */
  readonly tools: readonly Tool[];
  readonly request: {
    readonly signal: AbortSignal;
    readonly role: Role;
    /** What a text should take in UTF-8 bytes, unless to be long is its point. */
    readonly byteBudget: number;
  };
}

/** Text, or bytes for what is no text. */
export type Body = string | Uint8Array;

/** What is told of a resource, and who may read it. */
export interface ResourceTraits {
  /** Unique among tools, resources and prompts: `--tools` and `--exclude-tools` take it. */
  readonly name: string;
  readonly title: string;
  readonly doc: string;
  readonly mimeType: string;
  readonly toolset: Toolset;
  readonly effect: Effect;
}

export interface Resource extends ResourceTraits {
  /** `bpf://session`. */
  readonly uri: string;
  read(context: ReadContext): Body | Promise<Body>;
  /**
   * Calls `changed` whenever another reading would give something else, until disposed of. A
   * resource without it never changes.
   */
  watch?(services: Services, changed: () => void): Disposable;
}

/** Makes a resource; the URI must be written as a client would send it. */
export function defineResource(resource: Resource): Resource {
  if (!URL.canParse(resource.uri)) throw internalError(`"${resource.uri}" is no URI`);
  return resource;
}
