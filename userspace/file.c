// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"

/* None of these files comes near it */
#define FILE_MAX	(1 << 20)

/**
 * file_read() - read a file
 * @path: its name
 *
 * Return: the text, for free(); NULL with errno if it can't be read.
 */
char *file_read(const char *path)
{
	char *text;
	size_t len;
	FILE *file;

	file = fopen(path, "re");
	if (!file)
		return NULL;
	text = malloc(FILE_MAX);
	len = text ? fread(text, 1, FILE_MAX - 1, file) : 0;
	if (text && ferror(file)) {
		free(text);
		text = NULL;
	}
	fclose(file);
	if (!text)
		return NULL;
	text[len] = '\0';
	return text;
}

/* As mkdir -p does */
static int make_directories(const char *path)
{
	char dir[PATH_MAX];
	char *slash;

	snprintf(dir, sizeof(dir), "%s", path);
	slash = dir;
	while ((slash = strchr(slash + 1, '/'))) {
		*slash = '\0';
		if (mkdir(dir, 0755) && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return 0;
}

static int sync_directory(const char *path)
{
	char copy[PATH_MAX];
	int ret, fd;

	snprintf(copy, sizeof(copy), "%s", path);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = fsync(fd) ? -errno : 0;
	close(fd);
	return ret;
}

/* A name beside the file that no reader of the directory takes for a file */
static int temporary_name(char temporary[PATH_MAX], const char *path)
{
	const char *slash = strrchr(path, '/');
	int len;

	len = snprintf(temporary, PATH_MAX, "%.*s/.%s.XXXXXX",
		       (int)(slash - path), path, slash + 1);
	return len < PATH_MAX ? 0 : -ENAMETOOLONG;
}

static int fill(int fd, const char *text, mode_t mode)
{
	size_t len = strlen(text);

	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0)
			return -errno;
		text += n;
		len -= n;
	}
	return fchmod(fd, mode) || fsync(fd) ? -errno : 0;
}

/**
 * file_write() - write a file so that it is there as a whole or not at all
 * @path: its name, from the root; missing directories are made
 * @text: what is to be in it
 * @mode: who may read and run it
 *
 * Return: 0 or a negative errno.
 */
int file_write(const char *path, const char *text, mode_t mode)
{
	char temporary[PATH_MAX];
	int ret, fd;

	ret = temporary_name(temporary, path);
	if (!ret)
		ret = make_directories(path);
	if (ret)
		return ret;
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = fill(fd, text, mode);
	if (close(fd) && !ret)
		ret = -errno;
	if (!ret && rename(temporary, path))
		ret = -errno;
	if (ret) {
		unlink(temporary);
		return ret;
	}
	return sync_directory(path);
}

/**
 * file_symlink() - make a symbolic link
 * @target: what it names
 * @path: the link, from the root; missing directories are made
 *
 * Return: 0 or a negative errno.
 */
int file_symlink(const char *target, const char *path)
{
	int ret = make_directories(path);

	if (ret)
		return ret;
	if (unlink(path) && errno != ENOENT)
		return -errno;
	return symlink(target, path) ? -errno : 0;
}
