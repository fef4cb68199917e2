// `install`: a client's configuration, printed for the person to put in place.
import { configFlags, parseConfig, serveFlags } from "../config.ts";
import type { Flag, FlagValues } from "../setting.ts";
import { didYouMean } from "../view/did_you_mean.ts";
import { type Command, configSources, exitDone, UsageError } from "./command.ts";
import { clientUrl, type RenderUrl, urlRenderers } from "./install_http.ts";
import { complain, printText } from "./output.ts";

interface Client {
  readonly name: string;
  /** Where the text belongs. */
  readonly place: string;
  render(command: string, args: readonly string[]): string;
}

/** What most clients read; Zed and VS Code name the outermost key differently. */
function jsonUnder(key: string, extra: Record<string, string> = {}): Client["render"] {
  return (command, args) =>
    JSON.stringify({ [key]: { "ebpf-mcp": { ...extra, command, args } } }, null, 2);
}

const clients: readonly Client[] = [
  {
    name: "claude",
    place: "claude_desktop_config.json (Settings > Developer > Edit Config)",
    render: jsonUnder("mcpServers"),
  },
  {
    name: "claude-code",
    place: "a shell",
    render: (command, args) =>
      ["claude mcp add ebpf-mcp --", command, ...args].map((part, i) =>
        i === 0 ? part : quote(part)
      )
        .join(" "),
  },
  {
    name: "cursor",
    place: "~/.cursor/mcp.json, or .cursor/mcp.json of the project",
    render: jsonUnder("mcpServers"),
  },
  {
    name: "vscode",
    place: ".vscode/mcp.json of the workspace",
    render: jsonUnder("servers", { type: "stdio" }),
  },
  {
    name: "codex",
    place: "~/.codex/config.toml",
    render: (command, args) =>
      `[mcp_servers.ebpf-mcp]\ncommand = ${JSON.stringify(command)}\nargs = ${
        JSON.stringify(args)
      }`,
  },
  {
    name: "windsurf",
    place: "~/.codeium/windsurf/mcp_config.json",
    render: jsonUnder("mcpServers"),
  },
  { name: "zed", place: "settings.json of Zed", render: jsonUnder("context_servers") },
];

export const install: Command = {
  name: "install",
  doc: `Print the configuration for a client: ${clients.map((client) => client.name).join(", ")}`,
  positionals: [{ name: "client", need: "required", doc: "which client" }],
  flags: [...serveFlags, ...configFlags],
  async run(invocation, entry) {
    const program = await entry.load();
    const [name = ""] = invocation.positionals;
    const client = clients.find((candidate) => candidate.name === name);
    if (client === undefined) {
      const names = clients.map((candidate) => candidate.name);
      const meant = didYouMean(name, names);
      throw new UsageError(`There is no client "${name}" among ${names.join(", ")}${meant}`);
    }
    const config = parseConfig(configSources(invocation, program, "observer"));
    program.registry.check(config);
    const { terminal } = program;
    const [executable, ...launchArguments] = terminal.launch;
    const flags = givenArguments(install.flags, invocation.flags);
    const args = [...launchArguments, "serve", ...flags];
    const text = config.http === null
      ? client.render(executable, args)
      : renderUrl(client)(clientUrl(config.http.address));
    if (config.http !== null) {
      const command = [executable, ...args].map(quote).join(" ");
      await complain(terminal, `Start the server, which says where its token is:\n${command}`);
    }
    await complain(terminal, `Put this into ${client.place}:`);
    await printText(terminal, text);
    return exitDone;
  },
};

function renderUrl({ name }: Client): RenderUrl {
  const render = urlRenderers.get(name);
  if (render !== undefined) return render;
  throw new UsageError(`${name} reaches only servers that it starts itself: leave --http out`);
}

/** The flags of this command line, for the command line of the server. */
function givenArguments(known: readonly Flag[], given: FlagValues): string[] {
  return known.flatMap((flag) => {
    const values = given.get(flag.name) ?? [];
    if (flag.kind === "switch") return values.map(() => `--${flag.name}`);
    return values.flatMap((value) => [`--${flag.name}`, value]);
  });
}

function quote(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
