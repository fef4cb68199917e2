// resources/list, resources/templates/list, resources/read, resources/subscribe and unsubscribe.
// @ts-types="@modelcontextprotocol/sdk/server"
import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import * as z from "zod";
import { log } from "../log.ts";
import type { ResourceTraits } from "../resources/define_resource.ts";
import type { Connection } from "./connection.ts";
import { resourceContents } from "./content_blocks.ts";
import { readParams, refuseCursor, requestOf } from "./method.ts";
import { toProtocolError } from "./protocol_error.ts";
import type { Subscriptions } from "./subscriptions.ts";

const longestUri = 2048;
const uriParams = z.looseObject({ uri: z.string().max(longestUri) });

export function serveResources(
  server: Server,
  connection: Connection,
  subscriptions: Subscriptions,
): void {
  const { registry: { library }, services } = connection;
  const known = library.within(services.config);
  server.setRequestHandler(requestOf("resources/list"), ({ params }) => {
    refuseCursor("resources/list", params);
    return { resources: known.resources.map((one) => ({ uri: one.uri, ...listed(one) })) };
  });
  server.setRequestHandler(requestOf("resources/templates/list"), ({ params }) => {
    refuseCursor("resources/templates/list", params);
    return {
      resourceTemplates: known.templates.map((one) => {
        return { uriTemplate: one.uriTemplate, ...listed(one) };
      }),
    };
  });
  server.setRequestHandler(requestOf("resources/read"), async ({ params }, extra) => {
    const uri = uriOf("resources/read", params);
    try {
      const { mimeType, body } = await connection.run(uri, extra.signal, (signal) => {
        return library.read(uri, services, signal);
      });
      return { contents: [resourceContents(uri, mimeType, body)] };
    } catch (error) {
      throw toProtocolError(uri, error);
    }
  });
  server.setRequestHandler(requestOf("resources/subscribe"), ({ params }) => {
    const uri = uriOf("resources/subscribe", params);
    try {
      subscriptions.add(uri);
      return {};
    } catch (error) {
      throw toProtocolError(uri, error);
    }
  });
  server.setRequestHandler(requestOf("resources/unsubscribe"), ({ params }) => {
    subscriptions.remove(uriOf("resources/unsubscribe", params));
    return {};
  });
}

/** Sends `notifications/resources/updated`; a client that is gone misses nothing. */
export function tellOfUpdate(server: Server, uri: string): void {
  server.sendResourceUpdated({ uri }).catch((error: unknown) => {
    log("server").debug("cannot tell of {uri}: {error}", { uri, error });
  });
}

function uriOf(method: string, params: unknown): string {
  return readParams(method, uriParams, `{"uri": text}`, params).uri;
}

function listed({ name, title, doc, mimeType }: ResourceTraits) {
  return { name, title, description: doc, mimeType };
}
