// SPDX-License-Identifier: GPL-2.0
/*
 * What a security officer asks about, as often as it is told:
 *
 *   unlink COUNT      files in its own folder, by absolute paths
 *   unlinkat COUNT    files, and then as many folders, relative to a descriptor, which it reports
 *   rmdir COUNT       folders
 *   replace COUNT     files by rename, then by renameat, then by renameat2
 *   keep COUNT        renames that may not replace: RENAME_NOREPLACE and RENAME_EXCHANGE
 *   missing COUNT     unlink of a path that is not there: ENOENT
 *   long COUNT        unlink of a path of 4095 bytes, ENOENT, and of one of 4096, ENAMETOOLONG
 *
 *   own_mounts        takes a mount namespace of its own, where "/" is made private
 *   mount_new COUNT   tmpfs, unmounted again; so are those below
 *   mount_bind COUNT, mount_again COUNT (one tmpfs, remounted), mount_steps COUNT (by fsmount)
 *   mount_fails COUNT each: a type that is not there, a path that is not, a bad descriptor
 *
 *   own_network       takes a network namespace of its own
 *   listen_tcp COUNT  sockets bound to a free port of 127.0.0.1, listening; reports the ports
 *   bind_udp6 COUNT   sockets bound to a free port of ::1; reports the ports
 *   bind_unix COUNT   each: by a path, by an abstract name, by a name that the kernel chooses
 *   bind_fails COUNT  each: bind to the port it reports, which is taken, listen on UDP, bind of a
 *                     pipe, listen on a bad descriptor
 *   bind_netlink COUNT
 *
 *   ids_setuid COUNT  children: setuid to 1234, then to 0, which is refused
 *   ids_group COUNT   children: setgid, setregid, setreuid
 *   ids_swap COUNT    setresuid and setresgid, each to and fro; ids_fs likewise
 *   ids_same COUNT    setuid to what it is
 *   ids_exec COUNT    children that start a file of 1234:4321 with both bits, and as many that fail
 *   ids_plain_exec COUNT  the same without the bits
 *
 *   trace_child COUNT  a child that is seized, interrupted, read from and let go; reports the child
 *   trace_me COUNT     children that ask to be traced
 *   trace_memory COUNT 64 bytes read from a child, 24 written to it; reports the child
 *   trace_descriptors COUNT  its stdin taken from a child; reports the child
 *   trace_fails COUNT  each: nobody seized and read from, a bad descriptor, itself continued
 *
 *   bpf_maps COUNT, bpf_programs COUNT  made and closed; report their ids
 *   bpf_links COUNT     of one program, which it reports, to a raw tracepoint
 *   bpf_pins COUNT      of one map, got again by the path
 *   bpf_elements COUNT  an element of one map written and read
 *   bpf_fails COUNT     each: a program without an end, a map and a command that are not there
 *
 *   caps_there COUNT    calls that need CAP_SYS_BOOT, and one more that need CAP_SYS_CHROOT
 *   caps_missing COUNT  the same in a child that has neither; reports the child
 *
 * Its folder is /tmp/security-PID; commands that need it end by removing it.
 */
#include "workload.h"
#include "security_files.h"
#include "security_bpf.h"
#include "security_ids.h"
#include "security_capabilities.h"
#include "security_mounts.h"
#include "security_sockets.h"
#include "security_traces.h"

static int obey(const char *verb, char *rest)
{
	static const struct {
		const char *verb;
		int (*act)(long count);
	} verbs[] = {
		{ "unlink", unlink_files },
		{ "unlinkat", unlink_at },
		{ "rmdir", remove_folders },
		{ "replace", replace_files },
		{ "keep", keep_files },
		{ "missing", unlink_missing },
		{ "long", unlink_long_path },
		{ "own_mounts", own_mounts },
		{ "mount_new", mount_new },
		{ "mount_bind", mount_bind },
		{ "mount_again", mount_again },
		{ "mount_steps", mount_in_steps },
		{ "mount_fails", mount_fails },
		{ "own_network", own_network },
		{ "listen_tcp", listen_tcp },
		{ "bind_udp6", bind_udp6 },
		{ "bind_unix", bind_unix },
		{ "bind_fails", bind_fails },
		{ "bind_netlink", bind_netlink },
		{ "ids_setuid", ids_setuid },
		{ "ids_group", ids_group },
		{ "ids_swap", ids_swap },
		{ "ids_fs", ids_fs },
		{ "ids_same", ids_same },
		{ "ids_exec", ids_exec },
		{ "ids_plain_exec", ids_plain_exec },
		{ "trace_child", trace_child },
		{ "trace_me", trace_me },
		{ "trace_memory", trace_memory },
		{ "trace_descriptors", trace_descriptors },
		{ "trace_fails", trace_fails },
		{ "caps_there", caps_there },
		{ "caps_missing", caps_missing },
		{ "bpf_maps", bpf_maps },
		{ "bpf_programs", bpf_programs },
		{ "bpf_links", bpf_links },
		{ "bpf_pins", bpf_pins },
		{ "bpf_elements", bpf_elements },
		{ "bpf_fails", bpf_fails },
	};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		if (!strcmp(verb, verbs[i].verb))
			return verbs[i].act(atol(rest));
	return EINVAL;
}
