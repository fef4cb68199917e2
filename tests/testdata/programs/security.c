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
 * Its folder is /tmp/security-PID; commands that need it end by removing it.
 */
#include "workload.h"
#include "security_files.h"
#include "security_mounts.h"

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
	};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		if (!strcmp(verb, verbs[i].verb))
			return verbs[i].act(atol(rest));
	return EINVAL;
}
