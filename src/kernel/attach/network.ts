// Programs on network interfaces of our own network namespace, by bpf_link alone: a netlink XDP
// attachment or a clsact filter would outlive a SIGKILL.
import { errno } from "../../../ffi/errno.ts";
import { bpf_link_create_opts } from "../../../ffi/layouts/libbpf_opts.ts";
import { libbpf, libc } from "../../../ffi/library.ts";
import { cString } from "../../../ffi/memory.ts";
import { Struct } from "../../../ffi/struct.ts";
import { kernelError, resourceError } from "../../errors.ts";
import { Link } from "../link.ts";
import type { Program } from "../program.ts";
import { attach_type } from "../program_types.ts";
import type { TcxSpec, XdpMode, XdpSpec } from "./spec.ts";

/** linux/if_link.h: XDP_FLAGS_… */
const xdp_flags: Readonly<Record<XdpMode, number>> = { auto: 0, generic: 2, native: 4, offload: 8 };

const EBUSY = 16;
const EINVAL = 22;
const EOPNOTSUPP = 95;

/** @throws interface_not_found, link_attach_failed @since Linux 5.9 */
export function attachXdp(program: Program, spec: XdpSpec): Link[] {
  const options = new Struct(bpf_link_create_opts)
    .set("sz", bpf_link_create_opts.size)
    .set("flags", xdp_flags[spec.mode]);
  const ifindex = interfaceIndex(spec.interface);
  const { fd } = program;
  const answer = libbpf().bpf_link_create(fd, ifindex, attach_type.xdp, options.bytes);
  if (answer >= 0) return [Link.fromFd(answer)];
  const message = `Cannot attach "${program.name}" to ${spec.interface} (xdp, ${spec.mode})`;
  throw kernelError("link_attach_failed", message, -answer, {
    interface: spec.interface,
    hint: xdpHint(-answer),
  });
}

function xdpHint(failure: number): string {
  if (failure === EBUSY) {
    return 'another XDP program is attached: see inspect_state fields:["links"]';
  }
  if (failure === EOPNOTSUPP || failure === EINVAL) {
    return "the driver has no native XDP: use mode generic";
  }
  return "needs CAP_NET_ADMIN in the interface's network namespace";
}

/** @throws interface_not_found, feature_missing below Linux 6.6, link_attach_failed @since 6.6 */
export function attachTcx(program: Program, spec: TcxSpec): Link[] {
  const type = spec.direction === "ingress" ? attach_type.tcx_ingress : attach_type.tcx_egress;
  const ifindex = interfaceIndex(spec.interface);
  const answer = libbpf().bpf_link_create(program.fd, ifindex, type, null);
  if (answer >= 0) return [Link.fromFd(answer)];
  const missing = -answer === EINVAL;
  throw kernelError(
    missing ? "feature_missing" : "link_attach_failed",
    `Cannot attach "${program.name}" to ${spec.interface} (tcx ${spec.direction})`,
    -answer,
    {
      interface: spec.interface,
      hint: missing
        ? "tcx needs Linux 6.6; a clsact filter is not offered because it would outlive us"
        : "needs CAP_NET_ADMIN in the interface's network namespace",
    },
  );
}

function interfaceIndex(name: string): number {
  const index = libc().if_nametoindex(cString(name));
  if (index !== 0) return index;
  throw resourceError("interface_not_found", `No interface "${name}" in our network namespace`, {
    interface: name,
    errno: errno(),
    errno_name: "ENODEV",
    hint: "run the server inside the interface's network namespace",
  });
}
