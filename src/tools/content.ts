// What an answer or a prompt can hold besides plain JSON: pictures, sounds, resources, links.

export interface TextContent {
  readonly type: "text";
  readonly text: string;
}

export interface MediaContent {
  readonly type: "image" | "audio";
  readonly bytes: Uint8Array;
  /** `image/png`, `audio/wav`. */
  readonly mimeType: string;
}

/** A resource with what is in it, so that nobody needs to read it separately. */
export interface EmbeddedResource {
  readonly type: "resource";
  readonly uri: string;
  readonly mimeType: string;
  /** Text, or bytes for what is no text. */
  readonly body: string | Uint8Array;
}

/** A resource to be read by whoever wants it: for what is too large for an answer. */
export interface ResourceLink {
  readonly type: "link";
  readonly uri: string;
  readonly name: string;
  readonly title: string;
  readonly doc: string;
  readonly mimeType: string;
}

export type Content = TextContent | MediaContent | EmbeddedResource | ResourceLink;

/** Bytes of the text and of the media in a content, before base64. */
export function contentSize(content: Content): { textBytes: number; mediaBytes: number } {
  switch (content.type) {
    case "text":
      return { textBytes: utf8Bytes(content.text), mediaBytes: 0 };
    case "image":
    case "audio":
      return { textBytes: 0, mediaBytes: content.bytes.length };
    case "resource":
      return typeof content.body === "string"
        ? { textBytes: utf8Bytes(content.body), mediaBytes: 0 }
        : { textBytes: 0, mediaBytes: content.body.length };
    case "link":
      return { textBytes: utf8Bytes(content.uri) + utf8Bytes(content.doc), mediaBytes: 0 };
  }
}

function utf8Bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}
