// How much one session may own. Past these a client has lost count, and the host pays.

export const session_limits = {
  objects: 64,
  attachments: 512,
  /** Whole verifier logs that are kept for reading, the newest. */
  verifierLogs: 8,
  verifierLogBytes: 4 << 20,
} as const;

/** Bytes of an object that comes within a request, and of one that comes from a file. */
export const object_limits = {
  blobBytes: 4 << 20,
  fileBytes: 64 << 20,
} as const;
