// Tools, resources and prompts as a connection reaches them, without a transport.
import { type Config, parseConfig } from "../../src/config.ts";
import { Host } from "../../src/host/host.ts";
import { KernelBtf } from "../../src/kernel/kernel_btf.ts";
import { KernelView } from "../../src/kernel/kernel_view.ts";
import type { Role } from "../../src/policy/role.ts";
import type { Services } from "../../src/tools/define_tool.ts";
import { openSession } from "./session.ts";

/** A configuration as flags would make it. */
export function configFor(role: Role, flags: Record<string, string> = {}): Config {
  return parseConfig({
    flags: new Map(Object.entries(flags).map(([name, value]) => [name, [value]])),
    environment: () => undefined,
    workingDirectory: () => "/",
    defaultRole: role,
  });
}

/** The services of a connection; its caller disposes the session in them. */
export function openServices(config: Config): Services {
  return {
    config,
    session: openSession(),
    kernel: new KernelView(new KernelBtf()),
    host: new Host(),
  };
}
