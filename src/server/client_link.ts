// The client as a tool sees it: what it is asked goes along with the request that the tool answers.
// @ts-types="@modelcontextprotocol/sdk/server"
import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
// @ts-types="@modelcontextprotocol/sdk/types"
import { CreateMessageResultSchema, ElicitResultSchema } from "@modelcontextprotocol/sdk/types.js";
import { resourceError } from "../errors.ts";
import {
  type Client,
  clientFeatureMissing,
  type Form,
  type FormAnswer,
  type MessageLevel,
  type Sample,
  type SampleRequest,
} from "../tools/client.ts";
import { checkForm } from "./form_answer.ts";
import type { LogLevel } from "./log_level.ts";
import type { Extra } from "./method.ts";

/** A person may think about it; the tool's own maximum time ends it where that is shorter. */
const answerTimeoutMs = 300_000;

export class ClientLink implements Client {
  readonly #server: Server;
  readonly #extra: Extra;
  readonly #level: LogLevel;

  constructor(server: Server, extra: Extra, level: LogLevel) {
    this.#server = server;
    this.#extra = extra;
    this.#level = level;
  }

  async log(level: MessageLevel, message: string): Promise<void> {
    if (!this.#level.wants(level)) return;
    const params = { level, logger: "ebpf-mcp", data: message };
    await this.#extra.sendNotification({ method: "notifications/message", params });
  }

  async elicit(form: Form): Promise<FormAnswer> {
    const { elicitation } = this.#server.getClientCapabilities() ?? {};
    // An empty object is how clients of 2025-06-18 say that they know forms.
    const knowsForms = elicitation !== undefined &&
      (elicitation.form !== undefined || elicitation.url === undefined);
    if (!knowsForms) throw clientFeatureMissing("elicitation", "it says it has no elicitation");
    const required = [...form.required ?? []];
    const requestedSchema = {
      type: "object" as const,
      properties: { ...form.fields },
      ...(required.length > 0 ? { required } : {}),
    };
    const request = {
      method: "elicitation/create" as const,
      params: { mode: "form" as const, message: form.message, requestedSchema },
    };
    const { action, content } = await this.#ask(() =>
      this.#extra.sendRequest(request, ElicitResultSchema, this.#options())
    );
    if (action !== "accept") return { action };
    return { action, values: checkForm(form, content ?? {}) };
  }

  async sample({ prompt, systemPrompt, maxTokens }: SampleRequest): Promise<Sample> {
    const { sampling } = this.#server.getClientCapabilities() ?? {};
    if (sampling === undefined) {
      throw clientFeatureMissing("sampling", "it says it has no sampling");
    }
    const request = {
      method: "sampling/createMessage" as const,
      params: {
        messages: [{ role: "user" as const, content: { type: "text" as const, text: prompt } }],
        maxTokens,
        ...(systemPrompt === undefined ? {} : { systemPrompt }),
      },
    };
    const { content, model } = await this.#ask(() =>
      this.#extra.sendRequest(request, CreateMessageResultSchema, this.#options())
    );
    return { text: content.type === "text" ? content.text : "", model };
  }

  #options() {
    return { signal: this.#extra.signal, timeout: answerTimeoutMs };
  }

  /** What the client answers instead of an answer is told as such, not as an error of ours. */
  async #ask<Result>(send: () => Promise<Result>): Promise<Result> {
    try {
      return await send();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw resourceError("client_request_failed", `The client did not answer: ${reason}`);
    }
  }
}
