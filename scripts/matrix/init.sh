#!/usr/bin/busybox sh
# The first process of a guest: mounts what a host has, runs each test bundle, says how it went on
# the second serial line, and switches the machine off. Kernel and tests speak on the first.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DENO_DIR=/tmp/deno DENO_NO_UPDATE_CHECK=1
/usr/bin/busybox --install -s /usr/bin
mount -t devtmpfs dev /dev
exec >/dev/ttyS0 2>&1 </dev/ttyS0
mkdir /dev/pts
mount -t devpts devpts /dev/pts
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs tmp /tmp
mount -t tmpfs run /run
mount -t bpf bpf /sys/fs/bpf
mount -t tracefs tracefs /sys/kernel/tracing
mount -t securityfs securityfs /sys/kernel/security
mount -t cgroup2 cgroup2 /sys/fs/cgroup
for module in $(cat /modules/order); do insmod "/modules/$module" || echo "no module $module"; done
ip link set lo up
. /environment
cd /suite || exit 1
if [ "$MATRIX_SHELL" = yes ]; then
	echo "Linux $(uname -r). Tests: run-tests [FILE]. Leave with: exit"
	setsid sh -c 'exec sh -i </dev/ttyS0 >/dev/ttyS0 2>&1'
else
	run-tests >/dev/ttyS0 2>&1
fi
sync
poweroff -f
