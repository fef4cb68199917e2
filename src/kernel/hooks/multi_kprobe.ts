// The functions of a kprobe_multi link, by their addresses.
import { bpf_link_info } from "../../../ffi/layouts/bpf_info.ts";
import { fixedBytes } from "../../../ffi/struct.ts";
import { Info } from "../info.ts";

const ADDRESS_BYTES = 8;
/** MAX_KPROBE_MULTI_CNT of the kernel. */
const MOST_FUNCTIONS = 1 << 20;

/**
 * @param fd descriptor of a kprobe_multi link
 * @param count how many functions it has; of fewer the first are told
 * @returns their addresses, 0 where the kernel hides them (kernel.kptr_restrict)
 * @throws object_info_failed with the errno, EINVAL before Linux 6.6
 * @since Linux 6.6 @see bpf(2)
 */
export function multiKprobeAddresses(fd: number, count: number): bigint[] {
  const room = Math.min(count, MOST_FUNCTIONS);
  if (room === 0) return [];
  const addresses = fixedBytes(room * ADDRESS_BYTES);
  Info.read(fd, bpf_link_info, `the link behind descriptor ${fd}`, (struct) => {
    struct.point("kprobe_multi.addrs", addresses).set("kprobe_multi.count", room);
  });
  return [...new BigUint64Array(addresses.buffer, 0, room)];
}
