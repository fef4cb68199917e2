/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which argument of a system call tells most of why it failed: the path, or the address of a
 * socket. Include vmlinux.h and asm/unistd.h first. Calls that are not here have neither.
 */
#ifndef TRACE_ERRORS_SAMPLES_H
#define TRACE_ERRORS_SAMPLES_H

#define SAMPLES_MAX 512
#define SAMPLE_ARG 0x07
#define SAMPLE_PATH 0x10
#define SAMPLE_ADDRESS 0x20

#define PATH(arg) (SAMPLE_PATH | (arg))
#define ADDRESS(arg) (SAMPLE_ADDRESS | (arg))

const volatile __u8 native_samples[SAMPLES_MAX] = {
#ifdef __NR_open /* what arm64 never had */
	[__NR_open] = PATH(0),
	[__NR_stat] = PATH(0),
	[__NR_lstat] = PATH(0),
	[__NR_access] = PATH(0),
	[__NR_rename] = PATH(0),
	[__NR_mkdir] = PATH(0),
	[__NR_rmdir] = PATH(0),
	[__NR_creat] = PATH(0),
	[__NR_link] = PATH(0),
	[__NR_unlink] = PATH(0),
	[__NR_symlink] = PATH(1),
	[__NR_readlink] = PATH(0),
	[__NR_chmod] = PATH(0),
	[__NR_chown] = PATH(0),
	[__NR_lchown] = PATH(0),
	[__NR_utime] = PATH(0),
	[__NR_utimes] = PATH(0),
	[__NR_mknod] = PATH(0),
	[__NR_futimesat] = PATH(1),
#endif
	[__NR_chdir] = PATH(0),
	[__NR_chroot] = PATH(0),
	[__NR_truncate] = PATH(0),
	[__NR_statfs] = PATH(0),
	[__NR_acct] = PATH(0),
	[__NR_swapon] = PATH(0),
	[__NR_swapoff] = PATH(0),
	[__NR_mount] = PATH(1),
	[__NR_umount2] = PATH(0),
	[__NR_pivot_root] = PATH(0),
	[__NR_execve] = PATH(0),
	[__NR_execveat] = PATH(1),
	[__NR_setxattr] = PATH(0),
	[__NR_lsetxattr] = PATH(0),
	[__NR_getxattr] = PATH(0),
	[__NR_lgetxattr] = PATH(0),
	[__NR_listxattr] = PATH(0),
	[__NR_llistxattr] = PATH(0),
	[__NR_removexattr] = PATH(0),
	[__NR_lremovexattr] = PATH(0),
	[__NR_inotify_add_watch] = PATH(1),
	[__NR_fanotify_mark] = PATH(4),
	[__NR_name_to_handle_at] = PATH(1),
	[__NR_openat] = PATH(1),
	[__NR_openat2] = PATH(1),
	[__NR_newfstatat] = PATH(1),
	[__NR_statx] = PATH(1),
	[__NR_faccessat] = PATH(1),
	[__NR_faccessat2] = PATH(1),
	[__NR_fchmodat] = PATH(1),
	[452] = PATH(1), /* fchmodat2, newer than the headers that this is built with */
	[__NR_fchownat] = PATH(1),
	[__NR_mkdirat] = PATH(1),
	[__NR_mknodat] = PATH(1),
	[__NR_unlinkat] = PATH(1),
	[__NR_readlinkat] = PATH(1),
	[__NR_renameat] = PATH(1),
	[__NR_renameat2] = PATH(1),
	[__NR_linkat] = PATH(1),
	[__NR_symlinkat] = PATH(2),
	[__NR_utimensat] = PATH(1),
	[__NR_open_tree] = PATH(1),
	[__NR_move_mount] = PATH(1),
	[__NR_fspick] = PATH(1),
	[__NR_mount_setattr] = PATH(1),
	[__NR_connect] = ADDRESS(1),
	[__NR_bind] = ADDRESS(1),
	[__NR_sendto] = ADDRESS(4),
};

/*
 * The same for 32-bit calls on x86_64, whose header cannot be included beside the other one. What
 * came after 402 has the same numbers on both, but for what arm64 never had.
 */
const volatile __u8 compat_samples[SAMPLES_MAX] = {
#ifdef __TARGET_ARCH_x86
	[5] = PATH(0), /* open */
	[8] = PATH(0), /* creat */
	[9] = PATH(0), /* link */
	[10] = PATH(0), /* unlink */
	[11] = PATH(0), /* execve */
	[12] = PATH(0), /* chdir */
	[14] = PATH(0), /* mknod */
	[15] = PATH(0), /* chmod */
	[33] = PATH(0), /* access */
	[38] = PATH(0), /* rename */
	[39] = PATH(0), /* mkdir */
	[40] = PATH(0), /* rmdir */
	[83] = PATH(1), /* symlink */
	[85] = PATH(0), /* readlink */
	[92] = PATH(0), /* truncate */
	[99] = PATH(0), /* statfs */
	[106] = PATH(0), /* stat */
	[107] = PATH(0), /* lstat */
	[193] = PATH(0), /* truncate64 */
	[195] = PATH(0), /* stat64 */
	[196] = PATH(0), /* lstat64 */
	[198] = PATH(0), /* lchown32 */
	[212] = PATH(0), /* chown32 */
	[268] = PATH(0), /* statfs64 */
	[292] = PATH(1), /* inotify_add_watch */
	[295] = PATH(1), /* openat */
	[296] = PATH(1), /* mkdirat */
	[297] = PATH(1), /* mknodat */
	[298] = PATH(1), /* fchownat */
	[300] = PATH(1), /* fstatat64 */
	[301] = PATH(1), /* unlinkat */
	[302] = PATH(1), /* renameat */
	[303] = PATH(1), /* linkat */
	[304] = PATH(2), /* symlinkat */
	[305] = PATH(1), /* readlinkat */
	[306] = PATH(1), /* fchmodat */
	[307] = PATH(1), /* faccessat */
	[353] = PATH(1), /* renameat2 */
	[358] = PATH(1), /* execveat */
	[361] = ADDRESS(1), /* bind */
	[362] = ADDRESS(1), /* connect */
	[369] = ADDRESS(4), /* sendto */
	[383] = PATH(1), /* statx */
	[437] = PATH(1), /* openat2 */
	[439] = PATH(1), /* faccessat2 */
#endif
};

static __always_inline __u8 sample_of(__u32 number, bool compat)
{
	if (number >= SAMPLES_MAX)
		return 0;
	barrier_var(number); /* keeps the mask, without which old verifiers see no bound */
	number &= SAMPLES_MAX - 1;
	return compat ? compat_samples[number] : native_samples[number];
}

#endif /* TRACE_ERRORS_SAMPLES_H */
