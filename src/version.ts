// The one version: of the package, of the server and of every tool's contract.
import manifest from "../deno.json" with { type: "json" };

export const version: string = manifest.version;
