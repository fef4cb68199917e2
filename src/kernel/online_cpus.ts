// The CPUs of this host.
import { readText } from "../../ffi/file.ts";
import { parseCpuList } from "../view/cpu_list.ts";

const ONLINE = "/sys/devices/system/cpu/online";

/** Numbers of the CPUs that are online; of the first alone where that cannot be read. */
export function onlineCpus(): number[] {
  return parseCpuList(readText(ONLINE) ?? "") ?? [0];
}
