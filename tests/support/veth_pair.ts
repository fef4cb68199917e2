// Two interfaces that are one cable, in a network namespace of their own: nothing else is on it.
import { mustRun } from "../../scripts/command.ts";
import { uniqueName } from "./unique_name.ts";

const sender = "10.99.0.1";
const receiver = "10.99.0.2";

/** Bytes of Ethernet, IPv4 and UDP headers around a datagram. */
export const datagramHeaderBytes = 14 + 20 + 8;

export class VethPair implements AsyncDisposable {
  /** Datagrams leave here. */
  readonly outgoing = "out0";
  /** And arrive here. */
  readonly incoming = "in0";

  private constructor(readonly namespace: string) {}

  static async make(): Promise<VethPair> {
    const pair = new VethPair(uniqueName());
    await mustRun("ip", ["netns", "add", pair.namespace]);
    try {
      await pair.#setUp();
    } catch (error) {
      await pair[Symbol.asyncDispose]();
      throw error;
    }
    return pair;
  }

  /** Runs a command inside; `ip netns exec` would hide tracefs and bpffs. */
  get wrapper(): string[] {
    return ["nsenter", `--net=/run/netns/${this.namespace}`];
  }

  /** One datagram with this text. Nobody answers it. */
  async send(text: string): Promise<void> {
    const [program = "", ...args] = this.wrapper;
    const command = `printf %s '${text}' > /dev/udp/${receiver}/9`;
    await mustRun(program, [...args, "bash", "-c", command]);
  }

  async #setUp(): Promise<void> {
    const { outgoing, incoming } = this;
    const ip = (...args: string[]) => mustRun("ip", ["-n", this.namespace, ...args]);
    const mac = "02:00:00:00:00:02";
    const ends = [outgoing, "type", "veth", "peer", "name", incoming, "address", mac];
    await ip("link", "add", ...ends);
    for (const end of [outgoing, incoming]) {
      await ip("link", "set", end, "addrgenmode", "none"); // no IPv6, whose packets nobody counted
      await ip("link", "set", end, "up");
    }
    await ip("address", "add", `${sender}/24`, "dev", outgoing);
    await ip("neighbour", "add", receiver, "lladdr", mac, "dev", outgoing); // no ARP either
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await mustRun("ip", ["netns", "delete", this.namespace]);
  }
}
