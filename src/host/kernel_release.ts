// The kernel's release text as numbers: "6.1.0-18-cloud-amd64" is 6.1.0.

export interface KernelVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/** The version that a release begins with; null for a release that begins otherwise. */
export function parseRelease(release: string): KernelVersion | null {
  const match = /^(\d+)\.(\d+)(?:\.(\d+))?/.exec(release);
  if (match === null) return null;
  return { major: Number(match[1]), minor: Number(match[2]), patch: Number(match[3] ?? 0) };
}
