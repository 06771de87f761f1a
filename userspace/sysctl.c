// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sysctl.h"

#define PROC_SYS	"/proc/sys/"

static int open_key(const char *key, int flags)
{
	char path[sizeof(PROC_SYS) + SYSCTL_STRLEN];

	snprintf(path, sizeof(path), PROC_SYS "%s", key);
	return open(path, flags | O_CLOEXEC);
}

/**
 * sysctl_read() - read a setting that is a number
 * @key: which
 * @value: is set
 *
 * Return: whether this kernel has it.
 */
bool sysctl_read(const char *key, int *value)
{
	char text[32], *end;
	ssize_t len;
	int fd;

	fd = open_key(key, O_RDONLY);
	if (fd < 0)
		return false;
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (len <= 0)
		return false;
	text[len] = '\0';
	*value = strtol(text, &end, 10);
	return end != text;
}

/**
 * sysctl_write() - change a setting
 * @key: which
 * @value: the new value
 *
 * Return: 0 or a negative errno.
 */
int sysctl_write(const char *key, int value)
{
	char text[32];
	int ret = 0;
	int fd, len;

	fd = open_key(key, O_WRONLY);
	if (fd < 0)
		return -errno;
	len = snprintf(text, sizeof(text), "%d\n", value);
	if (write(fd, text, len) != len)
		ret = -errno;
	close(fd);
	return ret;
}

/**
 * sysctl_key() - the key of a setting of an interface
 * @buf: for the key
 * @family: "ipv4" or "ipv6"
 * @ifname: the interface, or "all"
 * @name: the setting
 */
const char *sysctl_key(char buf[SYSCTL_STRLEN], const char *family,
		       const char *ifname, const char *name)
{
	snprintf(buf, SYSCTL_STRLEN, "net/%s/conf/%s/%s", family, ifname, name);
	return buf;
}

/**
 * sysctl_name() - a key as sysctl(8) and sysctl.d(5) have it
 * @buf: for the name
 * @key: the key
 *
 * Return: the name, with dots where the key has slashes and the other way
 * round.
 */
const char *sysctl_name(char buf[SYSCTL_STRLEN], const char *key)
{
	char *c;

	snprintf(buf, SYSCTL_STRLEN, "%s", key);
	for (c = buf; *c; c++)
		if (*c == '/')
			*c = '.';
		else if (*c == '.')
			*c = '/';
	return buf;
}
