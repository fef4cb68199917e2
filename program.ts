// Wiring: what the program works on, loaded by the first request or command that needs it.
// No logic.
import { readFile } from "./ffi/file.ts";
import { configureLibraries, libbpfVersion } from "./ffi/library.ts";
import type { Program, Terminal } from "./src/cli/command.ts";
import type { Config } from "./src/config.ts";
import { kernelError } from "./src/errors.ts";
import { Catalogue } from "./src/gadgets/catalogue.ts";
import { OperatorGadgets } from "./src/gadgets/operator_gadgets.ts";
import { Host } from "./src/host/host.ts";
import { shutForeignPeers } from "./src/host/unix_peers.ts";
import { KernelBtf } from "./src/kernel/kernel_btf.ts";
import { KernelView } from "./src/kernel/kernel_view.ts";
import { Loader } from "./src/kernel/loader.ts";
import { Poller } from "./src/kernel/poller.ts";
import { RunStatistics } from "./src/kernel/run_statistics.ts";
import { prompts } from "./src/prompts/shelf.ts";
import { resources, resourceTemplates } from "./src/resources/shelf.ts";
import { Registry } from "./src/server/registry.ts";
import { Session } from "./src/session/session.ts";
import { Demangler } from "./src/symbols/demangler.ts";
import { Symbolizer } from "./src/symbols/symbolizer.ts";
import { toolbox } from "./src/tools/toolbox.ts";

/** A plan, or an object's BTF: what a person names on the command line. */
const MOST_FILE_BYTES = 64 << 20;
const ENOENT = 2;

/** @param embedded the folder of what is not code: libraries and gadgets; ends in a slash */
export function makeProgram(terminal: Terminal, embedded: URL): Program {
  const loader = new Loader();
  const poller = new Poller();
  const runStatistics = new RunStatistics();
  const kernelBtf = new KernelBtf();
  const kernel = new KernelView(kernelBtf);
  const host = new Host();
  const symbolizer = new Symbolizer(
    host.symbols,
    new Demangler(() => Deno.readFileSync(new URL("demangler.bin", embedded))),
  );
  return {
    registry: new Registry(toolbox, { resources, templates: resourceTemplates, prompts }),
    terminal,
    openServices(config) {
      configureLibraries(config.libbpf, embedded);
      const session = new Session({
        loader,
        poller,
        kernelBtf,
        kernelNames: kernel.names,
        runStatistics,
        symbolizer,
        gadgets: new Catalogue(new URL("gadgets/", embedded), undefined, operatorGadgets(config)),
        objectRoots: config.objects,
      });
      return Promise.resolve({ config, session, kernel, host });
    },
    readFile: readNamedFile,
    shutForeignPeers,
    describeHost(config) {
      configureLibraries(config.libbpf, embedded);
      const { version, source } = libbpfVersion();
      return { libbpf: `${version} (${source})`, kernel: host.system().kernel.release };
    },
  };
}

function operatorGadgets({ gadgets }: Config): OperatorGadgets | null {
  return gadgets === null ? null : new OperatorGadgets(gadgets);
}

function readNamedFile(path: string): Promise<Uint8Array> {
  const bytes = readFile(path, MOST_FILE_BYTES);
  if (typeof bytes !== "number") return Promise.resolve(bytes);
  const code = bytes === ENOENT ? "file_not_found" : "file_read_failed";
  return Promise.reject(kernelError(code, `Cannot read "${path}"`, bytes, { path }));
}
