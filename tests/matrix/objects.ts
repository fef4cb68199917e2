// Objects and programs that tests of the matrix use, compiled where there is a compiler.
import { buildObject, buildTrigger, type ObjectName, objectNames } from "../support/objects.ts";
import { buildProgram, programNames } from "../support/programs.ts";

/** No test of the matrix uses these: they are large, or for other machines. */
const leftOut: readonly ObjectName[] = ["big_debug", "wrong_endianness", "wrong_machine"];

/** Puts them into a folder that guests see as EBPF_MCP_TEST_OBJECTS. */
export async function buildObjects(folder: string): Promise<void> {
  for (const name of objectNames.filter((one) => !leftOut.includes(one))) {
    await Deno.copyFile(await buildObject(name), `${folder}/${name}.bpf.o`);
  }
  await Deno.copyFile(await buildTrigger(), `${folder}/trigger`);
  for (const name of await programNames()) {
    await Deno.copyFile(await buildProgram(name), `${folder}/${name}`);
  }
}
