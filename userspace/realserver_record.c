// SPDX-License-Identifier: GPL-2.0-only
/*
 * What setup has done, in two files: one for what lasts, and one, which the
 * next boot takes away, for what only runs.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output.h"
#include "realserver.h"

#define LASTING_FILE	"/var/lib/dsr/realserver.json"
#define RUNNING_FILE	"/run/dsr/realserver-%llu.json"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE	71
#endif

static void *grow(void *items, size_t *count, size_t size)
{
	char *more = reallocarray(items, *count + 1, size);

	if (!more)
		out_of_memory();
	memset(more + size * (*count)++, 0, size);
	return more;
}

struct kept_vip *record_vip(struct record *record, const struct address *addr)
{
	size_t i;

	for (i = 0; i < record->n_vips; i++)
		if (address_same(&record->vips[i].addr, addr))
			return &record->vips[i];
	return NULL;
}

struct kept_vip *record_add_vip(struct record *record,
				const struct address *addr)
{
	struct kept_vip *kept;

	record->vips = grow(record->vips, &record->n_vips, sizeof(*kept));
	kept = &record->vips[record->n_vips - 1];
	kept->addr = *addr;
	return kept;
}

struct kept_sysctl *record_sysctl(struct record *record, const char *key)
{
	size_t i;

	for (i = 0; i < record->n_sysctls; i++)
		if (!strcmp(record->sysctls[i].key, key))
			return &record->sysctls[i];
	return NULL;
}

struct kept_sysctl *record_add_sysctl(struct record *record, const char *key)
{
	struct kept_sysctl *kept;

	record->sysctls = grow(record->sysctls, &record->n_sysctls,
			       sizeof(*kept));
	kept = &record->sysctls[record->n_sysctls - 1];
	snprintf(kept->key, sizeof(kept->key), "%s", key);
	return kept;
}

void record_add_file(struct record *record, const char *path)
{
	struct kept_file *kept;

	record->files = grow(record->files, &record->n_files, sizeof(*kept));
	kept = &record->files[record->n_files - 1];
	snprintf(kept->path, sizeof(kept->path), "%s", path);
}

static bool read_vip(struct record *record, json_t *json, bool lasting)
{
	const char *word, *label = "";
	struct kept_vip *kept;
	struct address addr;
	int added;

	if (json_unpack(json, "{s:s, s?s, s:b}", "address", &word,
			"label", &label, "added", &added) ||
	    parse_address(word, &addr))
		return false;
	kept = record_vip(record, &addr);
	if (!kept)
		kept = record_add_vip(record, &addr);
	snprintf(kept->label, sizeof(kept->label), "%s", label);
	kept->added = added;
	kept->lasting = lasting;
	return true;
}

static bool read_sysctl(struct record *record, json_t *json, bool lasting)
{
	struct kept_sysctl *kept;
	const char *key;
	int before, value;

	if (json_unpack(json, "{s:s, s:i, s:i}", "key", &key,
			"before", &before, "value", &value))
		return false;
	kept = record_sysctl(record, key);
	if (!kept)
		kept = record_add_sysctl(record, key);
	kept->before = before;
	kept->value = value;
	kept->lasting = lasting;
	return true;
}

static bool read_items(struct record *record, json_t *json, bool lasting)
{
	json_t *item;
	size_t i;

	json_array_foreach(json_object_get(json, "vips"), i, item)
		if (!read_vip(record, item, lasting))
			return false;
	json_array_foreach(json_object_get(json, "sysctls"), i, item)
		if (!read_sysctl(record, item, lasting))
			return false;
	json_array_foreach(json_object_get(json, "files"), i, item) {
		if (!json_is_string(item))
			return false;
		record_add_file(record, json_string_value(item));
	}
	return true;
}

static int read_part(struct record *record, const char *path, bool lasting)
{
	json_t *json;
	bool good;

	if (access(path, F_OK))
		return errno == ENOENT ? 0 : -errno;
	json = json_load_file(path, 0, NULL);
	good = json && read_items(record, json, lasting);
	json_decref(json);
	return good ? 0 : -EINVAL;
}

/* A number that no other network namespace has until the next boot */
static unsigned long long netns_number(void)
{
	uint64_t cookie = 0;
	socklen_t len = sizeof(cookie);
	struct stat st;
	int fd;

	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0) {
		getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &len);
		close(fd);
	}
	if (cookie)
		return cookie;
	/* a kernel before 5.14 has no cookies */
	return stat("/proc/self/ns/net", &st) ? 0 : st.st_ino;
}

static bool in_own_netns(void)
{
	struct stat self, init;

	return !stat("/proc/self/ns/net", &self) &&
	       !stat("/proc/1/ns/net", &init) &&
	       (self.st_dev != init.st_dev || self.st_ino != init.st_ino);
}

/**
 * record_read() - read what setup has done
 * @record: is filled; to be freed by record_free()
 *
 * Return: NULL, or the name of a file that can't be read.
 */
const char *record_read(struct record *record)
{
	memset(record, 0, sizeof(*record));
	record->own_netns = in_own_netns();
	snprintf(record->running, sizeof(record->running), RUNNING_FILE,
		 netns_number());
	if (read_part(record, record->running, false))
		return record->running;
	if (!record->own_netns && read_part(record, LASTING_FILE, true))
		return LASTING_FILE;
	return NULL;
}

void record_free(struct record *record)
{
	free(record->vips);
	free(record->sysctls);
	free(record->files);
	memset(record, 0, sizeof(*record));
}

static void append(json_t *array, json_t *item)
{
	if (json_array_append_new(array, item))
		out_of_memory();
}

static json_t *vips_json(const struct record *record, bool lasting)
{
	json_t *array = json_array();
	char addr[ADDRESS_STRLEN];
	json_t *object;
	size_t i;

	for (i = 0; i < record->n_vips; i++) {
		const struct kept_vip *kept = &record->vips[i];

		if (kept->lasting != lasting)
			continue;
		object = object_new();
		object_set_text(object, "address",
				format_address(addr, &kept->addr));
		if (*kept->label)
			object_set_text(object, "label", kept->label);
		object_set(object, "added", json_boolean(kept->added));
		append(array, object);
	}
	return array;
}

static json_t *sysctls_json(const struct record *record, bool lasting)
{
	json_t *array = json_array();
	json_t *object;
	size_t i;

	for (i = 0; i < record->n_sysctls; i++) {
		const struct kept_sysctl *kept = &record->sysctls[i];

		if (kept->lasting != lasting)
			continue;
		object = object_new();
		object_set_text(object, "key", kept->key);
		object_set(object, "before", json_integer(kept->before));
		object_set(object, "value", json_integer(kept->value));
		append(array, object);
	}
	return array;
}

static json_t *files_json(const struct record *record)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < record->n_files; i++)
		append(array, json_string(record->files[i].path));
	return array;
}

static void plan_part(struct plan *plan, const struct record *record,
		      const char *path, bool lasting)
{
	json_t *vips = vips_json(record, lasting);
	json_t *sysctls = sysctls_json(record, lasting);
	json_t *object = object_new();
	char *dump, *text;

	object_set_text(object, "by", SETUP_MARK);
	object_set(object, "vips", vips);
	object_set(object, "sysctls", sysctls);
	if (lasting)
		object_set(object, "files", files_json(record));
	if (!json_array_size(vips) && !json_array_size(sysctls)) {
		plan_remove(plan, path);
	} else {
		dump = json_dumps(object, JSON_INDENT(2));
		if (!dump)
			out_of_memory();
		text = text_new("%s\n", dump);
		plan_write(plan, path, 0644, text);
		free(dump);
		free(text);
	}
	json_decref(object);
}

/**
 * record_plan() - plan to write the record
 * @record: what will be done when the plan is
 * @plan: the plan
 */
void record_plan(const struct record *record, struct plan *plan)
{
	plan_part(plan, record, record->running, false);
	if (!record->own_netns)
		plan_part(plan, record, LASTING_FILE, true);
}

/**
 * record_plan_first() - plan to write the record before everything else
 * @record: what will be done when the plan is
 * @plan: the plan
 */
void record_plan_first(const struct record *record, struct plan *plan)
{
	size_t count = plan_count(plan);

	record_plan(record, plan);
	plan_last_to_front(plan, count);
}
