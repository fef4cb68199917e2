// prompts/list, prompts/get and completion/complete.
// @ts-types="@modelcontextprotocol/sdk/server"
import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import * as z from "zod";
import type { Connection } from "./connection.ts";
import { contentBlock } from "./content_blocks.ts";
import { readParams, refuseCursor, requestOf } from "./method.ts";
import { toProtocolError } from "./protocol_error.ts";
import { argumentsOf } from "./tool_methods.ts";

const longestText = 2048;
const text = z.string().max(longestText);

const getParams = z.looseObject({
  name: text,
  arguments: z.record(z.string(), z.string()).optional(),
});

const completeParams = z.looseObject({
  ref: z.discriminatedUnion("type", [
    z.looseObject({ type: z.literal("ref/prompt"), name: text }),
    z.looseObject({ type: z.literal("ref/resource"), uri: text }),
  ]),
  argument: z.looseObject({ name: text, value: text }),
  context: z.looseObject({ arguments: z.record(z.string(), text).optional() }).optional(),
});

export function servePrompts(server: Server, connection: Connection): void {
  const { registry: { library }, services } = connection;
  const known = library.within(services.config).prompts;
  server.setRequestHandler(requestOf("prompts/list"), ({ params }) => {
    refuseCursor("prompts/list", params);
    return {
      prompts: known.map(({ name, title, doc, argumentList }) => {
        return { name, title, description: doc, arguments: [...argumentList] };
      }),
    };
  });
  server.setRequestHandler(requestOf("prompts/get"), async ({ params }, extra) => {
    const wanted = `{"name": text, "arguments": texts by name}`;
    const { name } = readParams("prompts/get", getParams, wanted, params);
    try {
      const messages = await connection.run(name, extra.signal, (signal) => {
        return library.render(name, argumentsOf(params), services, signal);
      });
      const description = known.find((prompt) => prompt.name === name)?.doc;
      return {
        description,
        messages: messages.map(({ role, content }) => ({ role, content: contentBlock(content) })),
      };
    } catch (error) {
      throw toProtocolError(name, error);
    }
  });
}

/** Arguments of prompts and variables of resource templates. */
export function serveCompletion(server: Server, connection: Connection): void {
  const { registry: { library }, services } = connection;
  const method = "completion/complete";
  server.setRequestHandler(requestOf(method), async ({ params }, extra) => {
    const wanted = `{"ref": {"type": "ref/prompt", "name": text} or ` +
      `{"type": "ref/resource", "uri": text}, "argument": {"name": text, "value": text}, ` +
      `"context": {"arguments": texts by name}}`;
    const { ref, argument, context } = readParams(method, completeParams, wanted, params);
    try {
      const subject = ref.type === "ref/prompt"
        ? { kind: "prompt" as const, name: ref.name }
        : { kind: "template" as const, uriTemplate: ref.uri };
      const given = context?.arguments ?? {};
      const asked = { name: argument.name, typed: argument.value, given };
      const { values, total } = await connection.run(argument.name, extra.signal, () => {
        return library.complete(subject, asked, services);
      });
      if (total === null) return { completion: { values: [...values], hasMore: true } };
      return { completion: { values: [...values], total, hasMore: total > values.length } };
    } catch (error) {
      throw toProtocolError(argument.name, error);
    }
  });
}
