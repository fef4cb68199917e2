import assert from "node:assert/strict";
import {
  type Residence,
  residenceOfCgroup,
  residenceOfProcess,
} from "../../../src/host/containers.ts";

const id = "3f2a9c".padEnd(64, "0123456789abcdef");
const other = "77aa00".padEnd(64, "fedcba9876543210");
const uid = "0d3f8b1e-7a52-4a9b-9d11-2f6f0c1e8a34";
const uidInSlice = uid.replaceAll("-", "_");

/** Paths as the runtimes make them, with the systemd and the cgroupfs driver. */
const recorded: readonly (readonly [string, Residence])[] = [
  [`/system.slice/docker-${id}.scope`, { container: { runtime: "docker", id } }],
  [`/docker/${id}`, { container: { runtime: "docker", id } }],
  [
    `/user.slice/user-1000.slice/user@1000.service/user.slice/docker-${id}.scope`,
    { container: { runtime: "docker", id }, unit: "user@1000.service" },
  ],
  [`/docker/${id}/docker/${other}`, { container: { runtime: "docker", id: other } }],
  [
    `/docker/${id}/system.slice/kubelet.service`,
    { container: { runtime: "docker", id }, unit: "kubelet.service" },
  ],
  [
    `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${uidInSlice}.slice/` +
    `cri-containerd-${id}.scope`,
    { container: { runtime: "containerd", id }, pod: uid },
  ],
  [
    `/system.slice/containerd.service/kubepods-besteffort-pod${uidInSlice}.slice:` +
    `cri-containerd:${id}`,
    { container: { runtime: "containerd", id }, pod: uid, unit: "containerd.service" },
  ],
  [`/system.slice/nerdctl-${id}.scope`, { container: { runtime: "containerd", id } }],
  [`/k8s.io/${id}`, { container: { runtime: "containerd", id } }],
  [
    `/kubepods.slice/kubepods-pod${uidInSlice}.slice/crio-${id}.scope`,
    { container: { runtime: "cri-o", id }, pod: uid },
  ],
  [
    `/kubepods/burstable/pod${uid}/${id}`,
    { container: { runtime: "kubernetes", id }, pod: uid },
  ],
  [
    `/kubepods/besteffort/pod${uid}/crio-${id}`,
    { container: { runtime: "cri-o", id }, pod: uid },
  ],
  [
    `/kubepods/pod8c1b7f6e0d2a4f3b9e5a6c7d8e9f0a1b/${id}`,
    { container: { runtime: "kubernetes", id }, pod: "8c1b7f6e0d2a4f3b9e5a6c7d8e9f0a1b" },
  ],
  [
    `/docker/${other}/kubelet.slice/kubelet-kubepods.slice/` +
    `kubelet-kubepods-pod${uidInSlice}.slice/cri-containerd-${id}.scope`,
    { container: { runtime: "containerd", id }, pod: uid },
  ],
  [`/machine.slice/libpod-${id}.scope`, { container: { runtime: "podman", id } }],
  [`/machine.slice/libpod-${id}.scope/container`, { container: { runtime: "podman", id } }],
  [`/libpod_parent/libpod-${id}`, { container: { runtime: "podman", id } }],
  [
    `/system.slice/web.service/libpod-payload-${id}`,
    { container: { runtime: "podman", id }, unit: "web.service" },
  ],
  [
    `/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${id}.scope/container`,
    { container: { runtime: "podman", id }, unit: "user@1000.service" },
  ],
  [`/user.slice/user-1000.slice/user@1000.service/app.slice/run-r7.scope/libpod-payload-${id}`, {
    container: { runtime: "podman", id },
    unit: "run-r7.scope",
  }],
  [`/machine.slice/machine-libpod_pod_${other}.slice/libpod-${id}.scope/container`, {
    container: { runtime: "podman", id },
  }],
  [`/libpod_parent/${other}/libpod-${id}`, { container: { runtime: "podman", id } }],
  [
    `/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod${uidInSlice}.slice/` +
    `crio-${id}.scope/container`,
    { container: { runtime: "cri-o", id }, pod: uid },
  ],
  [
    `/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod${uidInSlice}.slice/` +
    `docker-${id}.scope`,
    { container: { runtime: "docker", id }, pod: uid },
  ],
  [
    `/system.slice/k3s.service/kubepods-burstable-pod${uidInSlice}.slice:cri-containerd:${id}`,
    { container: { runtime: "containerd", id }, pod: uid, unit: "k3s.service" },
  ],
  [
    `/kubelet/kubepods/burstable/pod${uid}/${id}`,
    { container: { runtime: "kubernetes", id }, pod: uid },
  ],
  [`/docker/${other}/kubelet/kubepods/pod${uid}/${id}/init`, {
    container: { runtime: "kubernetes", id },
    pod: uid,
  }],
  [`/user.slice/user-1000.slice/user@1000.service/user.slice/nerdctl-${id}.scope`, {
    container: { runtime: "containerd", id },
    unit: "user@1000.service",
  }],
  [`/ecs/4f2c8d1e9a7b4c6d8e0f1a2b3c4d5e6f/${id}`, { container: { runtime: "docker", id } }],
  [`/ecstasks.slice/ecstasks-4f2c.slice/docker-${id}.scope`, {
    container: { runtime: "docker", id },
  }],
  [`/docker/${id}/init.scope`, { container: { runtime: "docker", id }, unit: "init.scope" }],
  ["/lxc.payload.build", { container: { runtime: "lxc", id: "build" } }],
  ["/lxc/build/system.slice/ssh.service", {
    container: { runtime: "lxc", id: "build" },
    unit: "ssh.service",
  }],
  [
    "/machine.slice/machine-deb\\x2dstable.scope/payload",
    { container: { runtime: "nspawn", id: "deb-stable" } },
  ],
  ["/machine.slice/systemd-nspawn@db.service/payload", {
    container: { runtime: "nspawn", id: "db" },
  }],
  ["/../../system.slice/docker-" + id + ".scope", { container: { runtime: "docker", id } }],
  [`/system.slice/docker-${id}.scope (deleted)`, { container: { runtime: "docker", id } }],
];

/** What only looks like one. */
const uncontained: readonly (readonly [string, Residence])[] = [
  ["/", {}],
  ["", {}],
  ["/init.scope", { unit: "init.scope" }],
  ["/system.slice/docker.service", { unit: "docker.service" }],
  ["/system.slice/system-getty.slice/getty@tty1.service", { unit: "getty@tty1.service" }],
  ["/user.slice", { unit: "user.slice" }],
  ["/user.slice/user-1000.slice/user@1000.service/app.slice/app-shell.scope", {
    unit: "app-shell.scope",
  }],
  [`/machine.slice/libpod-conmon-${id}.scope`, { unit: `libpod-conmon-${id}.scope` }],
  [`/system.slice/crio-conmon-${id}.scope`, { unit: `crio-conmon-${id}.scope` }],
  ["/machine.slice/machine-qemu\\x2d1\\x2ddb.scope/libvirt/emulator", {
    unit: "machine-qemu\\x2d1\\x2ddb.scope",
  }],
  ["/lxc.monitor.build", {}],
  [`/ecs/${id}`, {}],
  ["/docker/buildx", {}],
  ["/default/short", {}],
  [`/home/${id}`, {}],
  ["/system.slice/docker-abc.scope", { unit: "docker-abc.scope" }],
  ["/srv/lxc/build", {}],
];

for (const [path, wanted] of [...recorded, ...uncontained]) {
  Deno.test(`residenceOfCgroup reads ${JSON.stringify(path.replaceAll(id, "ID"))}`, () => {
    assert.deepEqual(residenceOfCgroup(path), wanted);
  });
}

Deno.test("residenceOfProcess reads the one path of cgroup v2", () => {
  const text = "0::/system.slice/ssh.service\n";
  assert.deepEqual(residenceOfProcess(text), { unit: "ssh.service" });
});

Deno.test("residenceOfProcess finds a container that only v1 hierarchies name", () => {
  const text = [
    `12:pids:/docker/${id}`,
    `2:cpu,cpuacct:/docker/${id}`,
    "1:name=systemd:/system.slice/containerd.service",
    "0::/",
  ].join("\n");
  assert.deepEqual(residenceOfProcess(text), {
    container: { runtime: "docker", id },
    unit: "containerd.service",
  });
});

Deno.test("residenceOfProcess prefers a unit of cgroup v2 to a slice of v1", () => {
  const text = "4:cpu:/user.slice\n1:name=systemd:/user.slice/session-3.scope\n0::/\n";
  assert.deepEqual(residenceOfProcess(text), { unit: "session-3.scope" });
});

Deno.test("residenceOfProcess tells nothing of a file that is empty or no such file", () => {
  for (const text of ["", "\n\n", "garbage", "x:y:/a.service", ":::"]) {
    assert.deepEqual(residenceOfProcess(text), {});
  }
});

Deno.test("residenceOfCgroup makes what a terminal would obey visible", () => {
  const { unit } = residenceOfCgroup("/system.slice/\u001b[31mred.service");
  assert.equal(unit, "\\x1b[31mred.service");
});
