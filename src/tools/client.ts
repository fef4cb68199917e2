// Who called, and what may be asked of them while a tool runs. Only what the client says it can.
import { type EBPFError, resourceError } from "../errors.ts";

/** How urgent a log message is, from the least (RFC 5424). */
export const messageLevels = [
  "debug",
  "info",
  "notice",
  "warning",
  "error",
  "critical",
  "alert",
  "emergency",
] as const;
export type MessageLevel = typeof messageLevels[number];

/** A choice as it is sent, and how a person reads it. */
export interface TitledChoice {
  readonly const: string;
  readonly title: string;
}

interface FieldTexts {
  readonly title?: string;
  readonly description?: string;
}

interface Choices {
  readonly type: "array";
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly default?: string[];
}

/**
 * One thing that a form asks for: the flat subset of JSON Schema that MCP allows. The lists are not
 * readonly because the SDK's types are not.
 */
export type FormField =
  & FieldTexts
  & (
    | {
      readonly type: "string";
      readonly minLength?: number;
      readonly maxLength?: number;
      readonly format?: "email" | "uri" | "date" | "date-time";
      readonly default?: string;
    }
    | {
      readonly type: "string";
      readonly enum: string[];
      readonly enumNames?: string[];
      readonly default?: string;
    }
    | {
      readonly type: "string";
      readonly oneOf: TitledChoice[];
      readonly default?: string;
    }
    | {
      readonly type: "number" | "integer";
      readonly minimum?: number;
      readonly maximum?: number;
      readonly default?: number;
    }
    | { readonly type: "boolean"; readonly default?: boolean }
    | (Choices & { readonly items: { readonly type: "string"; readonly enum: string[] } })
    | (Choices & { readonly items: { readonly anyOf: TitledChoice[] } })
  );

/** A question to the person behind the client. */
export interface Form {
  readonly message: string;
  readonly fields: Readonly<Record<string, FormField>>;
  /** Names of fields that an accepted form must hold. */
  readonly required?: readonly string[];
}

export type FormValue = string | number | boolean | readonly string[];

/** An accepted form fits its fields: that is checked before the tool sees it. */
export type FormAnswer =
  | { readonly action: "accept"; readonly values: Readonly<Record<string, FormValue>> }
  | { readonly action: "decline" | "cancel" };

/** A question to the client's model. */
export interface SampleRequest {
  readonly prompt: string;
  readonly systemPrompt?: string;
  readonly maxTokens: number;
}

export interface Sample {
  readonly text: string;
  readonly model: string;
}

/** What may be asked of a client. Whatever comes back is foreign text. */
export interface Client {
  /** Sends a log message, unless the client has asked for more urgent ones only. */
  log(level: MessageLevel, message: string): Promise<void>;
  /**
   * Asks the person.
   * @throws resource/client_feature_missing, validation/invalid_arguments for a misfit of an answer
   */
  elicit(form: Form): Promise<FormAnswer>;
  /**
   * Asks the client's model.
   * @throws resource/client_feature_missing
   */
  sample(request: SampleRequest): Promise<Sample>;
}

/** The command line: nobody is there to be asked. */
export const nobody: Client = {
  log: () => Promise.resolve(),
  elicit: () => Promise.reject(clientFeatureMissing("elicitation", "the command line asks nobody")),
  sample: () => Promise.reject(clientFeatureMissing("sampling", "the command line has no model")),
};

/** The refusal of what the client cannot do. */
export function clientFeatureMissing(feature: string, reason: string): EBPFError {
  return resourceError("client_feature_missing", `Cannot ask the client: ${reason}`, { feature });
}
