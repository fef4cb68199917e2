// Word of changed resources, as a client hears it.
// @ts-types="@modelcontextprotocol/sdk/client"
import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
// @ts-types="@modelcontextprotocol/sdk/types"
import { ResourceUpdatedNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import { until } from "./within.ts";

const tellTimeoutMs = 10_000;

/** Counts `notifications/resources/updated` by URI. */
export class Updates {
  readonly #counts = new Map<string, number>();

  constructor(client: Client) {
    client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => {
      this.#counts.set(params.uri, this.count(params.uri) + 1);
    });
  }

  count(uri: string): number {
    return this.#counts.get(uri) ?? 0;
  }

  /** Waits until this many were heard since the beginning. */
  async reach(uri: string, count: number): Promise<void> {
    await until(tellTimeoutMs, `${count} updates of ${uri}`, () => this.count(uri) >= count);
  }
}
