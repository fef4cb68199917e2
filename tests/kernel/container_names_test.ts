// Names of containers, from the control group of a process and the files of each runtime.
import assert from "node:assert/strict";
import * as z from "zod";
import { residenceOfProcess } from "../../src/host/containers.ts";
import { ContainerNames } from "../../src/host/enrichment/container_names.ts";
import { kernelTest } from "../support/kernel_test.ts";

const trees = new URL("../testdata/runtimes/", import.meta.url);

const expectation = z.strictObject({
  residence: z.record(z.string(), z.unknown()),
  name: z.record(z.string(), z.string()),
});

async function tree(runtime: string) {
  const root = new URL(`${runtime}/`, trees);
  const expected = expectation.parse(
    JSON.parse(await Deno.readTextFile(new URL("expected.json", root))),
  );
  const cgroup = await Deno.readTextFile(new URL("cgroup", root));
  return { root: root.pathname, residence: residenceOfProcess(cgroup), expected };
}

for (
  const runtime of [
    "containerd",
    "cri-o",
    "docker",
    "docker_v1",
    "k3s",
    "kubernetes_cgroupfs",
    "nerdctl",
    "podman",
    "podman_volatile",
  ]
) {
  kernelTest(`ContainerNames reads what ${runtime} calls a container`, async () => {
    const { root, residence, expected } = await tree(runtime);
    const { container } = residence;
    assert.ok(container !== undefined);
    const names = new ContainerNames(root);
    assert.deepEqual(names.of(container), expected.name);
    assert.deepEqual(names.of(container), expected.name, "asked again");
    assert.deepEqual(residence, expected.residence);
  });
}

kernelTest("ContainerNames knows nothing where no runtime has its files", async () => {
  const { residence: { container } } = await tree("docker");
  assert.ok(container !== undefined);
  const empty = await Deno.makeTempDir();
  assert.equal(new ContainerNames(`${empty}/`).of(container), null);
  await Deno.remove(empty);
  const names = new ContainerNames((await tree("podman")).root);
  assert.equal(names.of({ runtime: "lxc", id: "../../../etc" }), null);
  assert.equal(names.of({ runtime: "docker", id: "../../etc/passwd" }), null);
});

kernelTest(
  "ContainerNames finds a container that was not there when it was first asked",
  async () => {
    const { root, residence: { container }, expected } = await tree("podman");
    assert.ok(container !== undefined);
    const copy = await Deno.makeTempDir();
    const names = new ContainerNames(`${copy}/`);
    assert.equal(names.of(container), null);
    const folder = "var/lib/containers/storage/overlay-containers";
    await Deno.mkdir(`${copy}/${folder}`, { recursive: true });
    const file = `${folder}/containers.json`;
    await Deno.copyFile(`${root}${file}`, `${copy}/${file}`);
    assert.deepEqual(names.of(container), expected.name);
    await Deno.remove(copy, { recursive: true });
  },
);
