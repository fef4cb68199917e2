// Builds dist/ebpf-mcp: one executable with the server, the gadgets and libbpf in it.
import { bundle } from "./bundle.ts";
import { mustRun } from "./command.ts";
import { findDenort } from "./denort.ts";
import { generate } from "./gen.ts";
import { sha256 } from "./generated.ts";
import { libraries, provideLibraries } from "./libraries.ts";
import { buildFolder, distFolder, embeddedFolder, repository } from "./paths.ts";
import { say } from "./say.ts";
import { runScript } from "./script_error.ts";
import { setup } from "./setup.ts";

/** Where pins, state and logs live: all that the executable may read and write by path. */
const FOLDERS = ["/sys/fs/bpf", "/run/ebpf-mcp", "/var/lib/ebpf-mcp", "/var/log/ebpf-mcp"];

/** Our own settings, and the three that the command line library looks at for its colours. */
const VARIABLES = ["EBPF_MCP_*", "TERM", "TEST", "CI"];

/**
 * What `serve --http` listens on: the loopback, and every address, which the command line takes
 * only with --allow-remote. Nothing else can be connected to, and after it listens (on stdio at
 * once) the server gives the permission back.
 */
const ADDRESSES = ["127.0.0.1", "[::1]", "localhost", "0.0.0.0", "[::]"];

/** No run, no sys: what is not here, the executable can never do. */
const permissions = [
  "--allow-ffi",
  `--allow-read=${FOLDERS.join(",")}`,
  `--allow-write=${FOLDERS.join(",")}`,
  `--allow-env=${VARIABLES.join(",")}`,
  `--allow-net=${ADDRESSES.join(",")}`,
];

/**
 * Nothing is parsed before it runs, and the young generation is small: after 150 loads the server
 * keeps 101 MiB, as with --optimize-for-size (124), which took a third more processor time for an
 * inspect_state of 1,000 programs and maps. Without either it keeps 10 MiB more after tools/list.
 */
const V8_FLAGS = "--v8-flags=--max-lazy,--max-semi-space-size=1";

/** Builds the executable from the repository as it is. */
export async function build(): Promise<void> {
  const started = performance.now();
  await setup("build");
  await generate(["demangler", "skeletons"]);
  const fetched = await provideLibraries();
  await Deno.mkdir(embeddedFolder, { recursive: true });
  for (const { soname } of libraries) {
    await Deno.copyFile(new URL(soname, fetched), new URL(soname, embeddedFolder));
  }
  const folder = new URL(`app-${crypto.randomUUID()}/`, buildFolder);
  await Deno.mkdir(folder);
  try {
    const executable = await compile(new URL("main.ts", repository), folder);
    await publish(executable, new URL("NOTICE", fetched));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  const { size } = await Deno.stat(new URL("ebpf-mcp", distFolder));
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  say(`build: dist/ebpf-mcp, ${(size / 1e6).toFixed(0)} MB, in ${seconds} s`);
}

/** Compiles in a folder of its own: `deno compile` embeds what lies beside the program. */
async function compile(entry: URL, folder: URL): Promise<URL> {
  await bundle(entry, new URL("main.js", folder));
  await mustRun("cp", ["-r", embeddedFolder.pathname, new URL("embedded", folder).pathname]);
  const denort = await findDenort();
  const options = ["--no-check", "--no-config", "--no-code-cache", "--no-prompt", V8_FLAGS];
  const target = ["--include", "embedded", "-o", "ebpf-mcp", "main.js"];
  await mustRun(Deno.execPath(), ["compile", "-q", ...options, ...permissions, ...target], {
    cwd: folder,
    env: denort === null ? {} : { DENORT_BIN: denort },
  });
  return new URL("ebpf-mcp", folder);
}

/** Moves the executable into dist/ at once, with its checksum and the licences of what is in it. */
async function publish(executable: URL, libraryNotice: URL): Promise<void> {
  await Deno.mkdir(distFolder, { recursive: true });
  const notice = [
    await Deno.readTextFile(new URL("NOTICE", repository)),
    await Deno.readTextFile(libraryNotice),
  ].join("\n");
  await Deno.writeTextFile(new URL("NOTICE", distFolder), notice);
  await Deno.rename(executable, new URL("ebpf-mcp", distFolder));
  const lines: string[] = [];
  for (const name of ["ebpf-mcp", "NOTICE"]) {
    lines.push(`${await sha256(await Deno.readFile(new URL(name, distFolder)))}  ${name}\n`);
  }
  await Deno.writeTextFile(new URL("SHA256SUMS", distFolder), lines.join(""));
}

if (import.meta.main) {
  await runScript("build", build);
}
