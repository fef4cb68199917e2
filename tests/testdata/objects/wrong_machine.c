// SPDX-License-Identifier: GPL-2.0
/* An object of the build machine's own architecture: valid ELF, but no BPF. */
int answer(void);

int answer(void)
{
	return 42;
}
