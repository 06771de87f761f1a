/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Small files as a whole.
 */
#ifndef DSRCTL_FILE_H
#define DSRCTL_FILE_H

#include <sys/types.h>

char *file_read(const char *path);
int file_write(const char *path, const char *text, mode_t mode);
int file_symlink(const char *target, const char *path);

#endif /* DSRCTL_FILE_H */
