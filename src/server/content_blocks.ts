// Our contents in the words of MCP.
// @ts-types="@modelcontextprotocol/sdk/types"
import type { ContentBlock } from "@modelcontextprotocol/sdk/types.js";
import type { Body } from "../resources/define_resource.ts";
import type { Content } from "../tools/content.ts";

/** What `resources/read` gives, and what an embedded resource holds. */
export type ResourceContents =
  & { uri: string; mimeType: string }
  & ({ text: string } | { blob: string });

export function resourceContents(uri: string, mimeType: string, body: Body): ResourceContents {
  return typeof body === "string"
    ? { uri, mimeType, text: body }
    : { uri, mimeType, blob: body.toBase64() };
}

export function contentBlock(content: Content): ContentBlock {
  switch (content.type) {
    case "text":
      return { type: "text", text: content.text };
    case "image":
    case "audio":
      return { type: content.type, data: content.bytes.toBase64(), mimeType: content.mimeType };
    case "resource": {
      const { uri, mimeType, body } = content;
      return { type: "resource", resource: resourceContents(uri, mimeType, body) };
    }
    case "link": {
      const { uri, name, title, doc, mimeType } = content;
      return { type: "resource_link", uri, name, title, description: doc, mimeType };
    }
  }
}
