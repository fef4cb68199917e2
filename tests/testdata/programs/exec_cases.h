/* SPDX-License-Identifier: GPL-2.0 */
#ifndef EXEC_CASES_H
#define EXEC_CASES_H

/*
 * Starts `count` children, four at a time, that each exec once in the way that `name` says, and
 * waits for them. 0, or EINVAL for an unknown name.
 */
int run_exec_case(const char *name, long count);

#endif /* EXEC_CASES_H */
