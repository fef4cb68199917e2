/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The path of an open file, from the root of its mount namespace. Include vmlinux.h, bpf_helpers.h
 * and bpf_core_read.h first, and define PATH_SIZE, a power of two: longer paths lose their beginning.
 */
#ifndef EBPF_MCP_PATH_BPF_H
#define EBPF_MCP_PATH_BPF_H

#define NAME_SIZE 256 /* a power of two, for the verifier; a name has 255 bytes at most */
#define STEPS_MAX 48 /* names, and mounts that are crossed */

/* A path is written from its end; the slack lets the verifier accept any place with any name. */
struct path_walk {
	struct dentry *dentry; /* what is to be named next */
	struct mount *mount; /* where that is */
	__u32 at; /* where in `reversed` the path begins that has been found so far */
	bool cut; /* its beginning is missing */
	char reversed[PATH_SIZE + NAME_SIZE];
};

/* One program of an object uses it, which does not interrupt itself on its CPU. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct path_walk);
} path_walks SEC(".maps");

/*
 * Puts the name of `dentry` before what there is of the path, or steps out of its mount. False at
 * the root. Global, because the verifier then checks it once and not at each step.
 */
__noinline int walk_path_step(void)
{
	__u32 key = 0;
	struct path_walk *walk = bpf_map_lookup_elem(&path_walks, &key);
	struct dentry *dentry, *parent;
	struct mount *mount;
	__u32 size, at;

	if (!walk)
		return false;
	dentry = walk->dentry;
	mount = walk->mount;
	if (dentry == BPF_CORE_READ(mount, mnt.mnt_root)) {
		struct mount *below = BPF_CORE_READ(mount, mnt_parent);

		if (below == mount)
			return false;
		walk->dentry = BPF_CORE_READ(mount, mnt_mountpoint);
		walk->mount = below;
		return true;
	}
	parent = BPF_CORE_READ(dentry, d_parent);
	if (dentry == parent)
		return false;
	size = BPF_CORE_READ(dentry, d_name.len) & (NAME_SIZE - 1);
	if (size + 1 > walk->at) {
		walk->cut = true;
		return false;
	}
	at = (walk->at - size) & (PATH_SIZE - 1);
	bpf_probe_read_kernel(&walk->reversed[at], size, BPF_CORE_READ(dentry, d_name.name));
	at = (walk->at - size - 1) & (PATH_SIZE - 1);
	walk->reversed[at] = '/';
	walk->at = at;
	walk->dentry = parent;
	return true;
}

/* Walks up to the root. Global, too, so that what follows is checked once, not for each length. */
__noinline int walk_path(void)
{
	__u32 key = 0;
	struct path_walk *walk = bpf_map_lookup_elem(&path_walks, &key);
	int i;

	for (i = 0; i < STEPS_MAX; i++)
		if (!walk_path_step())
			return 0;
	if (walk)
		walk->cut = true;
	return 0;
}

/* The walk that found the path of `file`: in `reversed`, from `at` to PATH_SIZE. */
static __always_inline struct path_walk *walk_to(struct file *file)
{
	__u32 key = 0;
	struct path_walk *walk = bpf_map_lookup_elem(&path_walks, &key);
	void *mount;

	if (!walk)
		return NULL;
	mount = BPF_CORE_READ(file, f_path.mnt);
	walk->dentry = BPF_CORE_READ(file, f_path.dentry);
	walk->mount = mount - bpf_core_field_offset(struct mount, mnt);
	walk->at = PATH_SIZE;
	walk->cut = false;
	walk_path();
	return walk;
}

/* Copies it to `path`, of PATH_SIZE bytes. Its size, without an end; without a name it is "/". */
static __always_inline __u32 copy_path(char *path, const struct path_walk *walk)
{
	__u32 at = walk->at;
	__u32 size = PATH_SIZE - at;

	if (size == 0) { /* the root, or a file without a name */
		path[0] = '/';
		return 1;
	}
	if (at >= PATH_SIZE || size > PATH_SIZE)
		return 0; /* never: for the verifier */
	size &= PATH_SIZE - 1;
	bpf_probe_read_kernel(path, size, &walk->reversed[at & (PATH_SIZE - 1)]);
	return size;
}

#endif /* EBPF_MCP_PATH_BPF_H */
