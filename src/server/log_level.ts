// logging/setLevel: from which level on a client wants our log messages.
// @ts-types="@modelcontextprotocol/sdk/server"
import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import * as z from "zod";
import { type MessageLevel, messageLevels } from "../tools/client.ts";
import { readParams, requestOf } from "./method.ts";

const levelParams = z.looseObject({ level: z.enum(messageLevels) });

/** One connection's level. */
export class LogLevel {
  #least: MessageLevel = "info";

  /** Takes `logging/setLevel` over from the SDK, which accepts levels that do not exist. */
  serve(server: Server): void {
    server.setRequestHandler(requestOf("logging/setLevel"), ({ params }) => {
      const wanted = `{"level": one of ${messageLevels.join(", ")}}`;
      this.#least = readParams("logging/setLevel", levelParams, wanted, params).level;
      return {};
    });
  }

  wants(level: MessageLevel): boolean {
    return messageLevels.indexOf(level) >= messageLevels.indexOf(this.#least);
  }
}
