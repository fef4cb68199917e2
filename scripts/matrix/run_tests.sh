#!/bin/sh
# Runs the test bundles of a guest, or those that are named.
stty -F /dev/ttyS1 raw -echo
[ $# -gt 0 ] || set -- $(cat /suite/tests/order)
for name in "$@"; do
	echo "--- $name"
	deno test -A --no-check --no-config --no-lock --no-remote --no-npm \
		--junit-path=/tmp/report.xml "/suite/tests/$name.js"
	echo "=== $name $?" >/dev/ttyS1
	cat /tmp/report.xml >/dev/ttyS1
	rm -f /tmp/report.xml
	echo "=== end" >/dev/ttyS1
done
