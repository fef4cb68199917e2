// Objects in the styles of libbpf's and the kernel's samples: what others bring.
import { bpfFlags, compileBpf, writeVmlinuxHeader } from "../../scripts/bpf/compiler.ts";
import { mustRun } from "../../scripts/command.ts";
import { cacheKey, makeOnce } from "./objects.ts";

const sources = new URL("../testdata/foreign/", import.meta.url);

/** The path of `NAME.o`, compiled from `NAME.bpf.c`, or linked from several sources. */
export async function buildForeign(name: string, parts: readonly string[]): Promise<string> {
  const files = parts.map((part) => new URL(`${part}.bpf.c`, sources));
  const key = await cacheKey([...files, await writeVmlinuxHeader()], [...bpfFlags, "v3"]);
  return await makeOnce(`${key}/${name}.o`, async (output) => {
    const objects: URL[] = [];
    for (const [index, source] of files.entries()) {
      const object = files.length === 1 ? output : new URL(`${output.href}.${index}`);
      await compileBpf({ source, output: object, cpu: "v3" });
      objects.push(object);
    }
    if (files.length === 1) return;
    const paths = objects.map(({ pathname }) => pathname);
    await mustRun("bpftool", ["gen", "object", output.pathname, ...paths]);
    for (const path of paths) await Deno.remove(path);
  });
}
