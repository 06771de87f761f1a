// SPDX-License-Identifier: GPL-2.0-only
/*
 * How what setup does outlasts a boot: in the files of whoever manages the
 * network here.
 */
#include <ctype.h>
#include <fcntl.h>
#include <glob.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "output.h"
#include "realserver.h"

#define SYSCTL_FILE	"/etc/sysctl.d/90-dsr-realserver.conf"
#define NETWORKD_DIR	"/etc/systemd/network/"
#define NETWORKD_FILE	NETWORKD_DIR "10-dsr-realserver.network"
#define NETWORKD_DROPIN	"/50-dsr-realserver.conf"
#define NETWORKD_LINKS	"/run/systemd/netif/links/"
#define NM_FILE		"/etc/NetworkManager/dispatcher.d/50-dsr-realserver"
#define NM_DEVICES	"/run/NetworkManager/devices/"
#define IFUPDOWN_FILE	"/etc/network/interfaces.d/dsr-realserver"
#define IFUPDOWN_MAIN	"/etc/network/interfaces"
#define IFUPDOWN_STATE	"/run/network/ifstate"
#define UNIT		"dsr-realserver.service"
#define UNIT_FILE	"/etc/systemd/system/" UNIT
#define UNIT_WANTED	"/etc/systemd/system/multi-user.target.wants/" UNIT

#define HEADER								\
	"# Written by \"" SETUP_MARK "\", which may write it anew;\n"	\
	"# \"dsrctl realserver undo\" takes it away.\n"

/**
 * struct manager - who brings addresses to interfaces at boot
 * @manages: whether it does so here for an interface
 * @plan: plan its files
 */
struct manager {
	bool (*manages)(const struct link *link);
	void (*plan)(struct plan *plan, const struct host *host,
		     struct record *record);
};

/* --- who is it? --- */

static bool is_running(const char *name)
{
	bool found = false;
	glob_t processes;
	size_t i;

	if (glob("/proc/[0-9]*/comm", GLOB_NOSORT, NULL, &processes))
		return false;
	for (i = 0; i < processes.gl_pathc && !found; i++) {
		char *comm = file_read(processes.gl_pathv[i]);

		found = comm && !strncmp(comm, name, strlen(name));
		free(comm);
	}
	globfree(&processes);
	return found;
}

/* The value of a line KEY=VALUE, for free(); NULL if there is none */
static char *read_value(const char *path, const char *key)
{
	char *text = file_read(path);
	char *value = NULL;
	char *line, *rest;

	for (line = text ? strtok_r(text, "\n", &rest) : NULL; line;
	     line = strtok_r(NULL, "\n", &rest)) {
		size_t len = strlen(key);

		if (!strncmp(line, key, len) && line[len] == '=')
			value = text_new("%s", line + len + 1);
		if (value)
			break;
	}
	free(text);
	return value;
}

static char *read_link_value(const char *dir, const struct link *link,
			     const char *key)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s%d", dir, link->index);
	return read_value(path, key);
}

/* Its daemon leaves files about interfaces behind that it lets alone */
static bool networkd_manages(const struct link *link)
{
	char *state = read_link_value(NETWORKD_LINKS, link, "ADMIN_STATE");
	bool manages = state && (!strcmp(state, "configured") ||
				 !strcmp(state, "configuring"));

	free(state);
	return manages && is_running("systemd-network");
}

static bool nm_manages(const struct link *link)
{
	char *managed = read_link_value(NM_DEVICES, link, "managed");
	char *uuid = read_link_value(NM_DEVICES, link, "connection-uuid");
	bool manages = uuid || (managed && !strcmp(managed, "true"));

	free(managed);
	free(uuid);
	return manages && is_running("NetworkManager");
}

/* Whether a file in interfaces.d would be read */
static bool ifupdown_reads_dir(void)
{
	char *text = file_read(IFUPDOWN_MAIN);
	bool found = false;
	char *line, *rest;

	for (line = text ? strtok_r(text, "\n", &rest) : NULL; line && !found;
	     line = strtok_r(NULL, "\n", &rest)) {
		line += strspn(line, " \t");
		found = !strncmp(line, "source", 6) &&
			strstr(line, "interfaces.d");
	}
	free(text);
	return found;
}

static bool ifupdown_manages(const struct link *link)
{
	char *state = read_value(IFUPDOWN_STATE, link->name);
	bool manages = state && ifupdown_reads_dir();

	free(state);
	return manages;
}

/* --- their files --- */

static void want_file(struct plan *plan, struct record *record,
		      const char *path, mode_t mode, const char *text)
{
	plan_write(plan, path, mode, text);
	record_add_file(record, path);
}

/* A file with a part for each VIP */
static void want_vips(struct plan *plan, struct record *record,
		      const char *path, mode_t mode, const char *head,
		      void (*part)(FILE *file, const struct net_address *own))
{
	char *text = NULL;
	size_t size, i;
	FILE *file;

	file = open_memstream(&text, &size);
	if (!file)
		out_of_memory();
	fputs(head, file);
	for (i = 0; i < record->n_vips; i++) {
		const struct kept_vip *kept = &record->vips[i];
		struct net_address own;

		if (!kept->lasting)
			continue;
		realserver_own(&own, kept);
		part(file, &own);
	}
	if (fclose(file))
		out_of_memory();
	want_file(plan, record, path, mode, text);
	free(text);
}

static void networkd_part(FILE *file, const struct net_address *own)
{
	char addr[ADDRESS_STRLEN];

	fprintf(file, "\n[Address]\nAddress=%s/%u\n",
		format_address(addr, &own->addr), own->length);
	if (*own->label)
		fprintf(file, "Label=%s\n", own->label);
	if (own->addr.family == AF_INET6)
		fputs("DuplicateAddressDetection=none\n", file);
}

/* Only one file is taken for an interface: if there is one, add to it */
static void networkd_plan(struct plan *plan, const struct host *host,
			  struct record *record)
{
	static const char own_head[] = HEADER
		"[Match]\n"
		"Name=lo\n"
		"\n"
		"[Network]\n"
		"# leave alone what is there already\n"
		"KeepConfiguration=yes\n";
	char *taken = read_link_value(NETWORKD_LINKS, host->loopback,
				      "NETWORK_FILE");
	bool dropin = taken && strcmp(taken, NETWORKD_FILE);
	char *path = dropin ?
		text_new(NETWORKD_DIR "%s.d" NETWORKD_DROPIN, basename(taken)) :
		text_new(NETWORKD_FILE);

	want_vips(plan, record, path, 0644, dropin ? HEADER : own_head,
		  networkd_part);
	free(path);
	free(taken);
}

static void ifupdown_part(FILE *file, const struct net_address *own)
{
	char words[COMMAND_STRLEN];
	char addr[ADDRESS_STRLEN];

	fprintf(file, "\tup ip address replace %s\n",
		realserver_words(words, own));
	fprintf(file, "\tdown ip address del %s/%u dev lo || true\n",
		format_address(addr, &own->addr), own->length);
}

static void ifupdown_plan(struct plan *plan, const struct host *host,
			  struct record *record)
{
	(void)host;
	want_vips(plan, record, IFUPDOWN_FILE, 0644, HEADER
		  "auto lo\n"
		  "iface lo inet manual\n", ifupdown_part);
}

static void nm_part(FILE *file, const struct net_address *own)
{
	char words[COMMAND_STRLEN];

	fprintf(file, "ip address replace %s\n", realserver_words(words, own));
}

/*
 * lo is not NetworkManager's before 1.42, and no profile can set a label: so
 * it is done when an interface goes up.
 */
static void nm_plan(struct plan *plan, const struct host *host,
		    struct record *record)
{
	(void)host;
	want_vips(plan, record, NM_FILE, 0755, "#!/bin/sh\n" HEADER
		  "[ \"$2\" = up ] || exit 0\n"
		  "PATH=/usr/sbin:/sbin:/usr/bin:/bin\n", nm_part);
}

static void unit_part(FILE *file, const struct net_address *own)
{
	char words[COMMAND_STRLEN];

	fprintf(file, "ExecStart=/bin/sh -c 'exec ip address replace %s'\n",
		realserver_words(words, own));
}

/* Somebody else manages the network, but this is a machine with systemd */
static void unit_plan(struct plan *plan, struct record *record)
{
	want_vips(plan, record, UNIT_FILE, 0644, HEADER
		  "[Unit]\n"
		  "Description=VIPs of a real server behind a DSR director\n"
		  "After=systemd-sysctl.service\n"
		  "Before=network.target\n"
		  "\n"
		  "[Install]\n"
		  "WantedBy=multi-user.target\n"
		  "\n"
		  "[Service]\n"
		  "Type=oneshot\n"
		  "RemainAfterExit=yes\n", unit_part);
	plan_symlink(plan, UNIT_FILE, UNIT_WANTED);
	record_add_file(record, UNIT_WANTED);
}

static const struct manager managers[] = {
	{ networkd_manages, networkd_plan },
	{ nm_manages, nm_plan },
	{ ifupdown_manages, ifupdown_plan },
};

#define N_MANAGERS	(sizeof(managers) / sizeof(managers[0]))

static const struct manager *find_manager(const struct host *host)
{
	size_t i, j;

	for (i = 0; i < host->links.count; i++) {
		const struct link *link = &host->links.items[i];

		for (j = 0; host_faces_lan(host, link) && j < N_MANAGERS; j++)
			if (managers[j].manages(link))
				return &managers[j];
	}
	return NULL;
}

static void addresses_plan(struct plan *plan, const struct host *host,
			   struct record *record)
{
	const struct manager *manager = find_manager(host);

	if (manager)
		manager->plan(plan, host, record);
	else if (!access("/run/systemd/system", F_OK))
		unit_plan(plan, record);
	else
		plan_note(plan, "nothing that brings addresses at boot was found: the VIPs last until then, run this at every start");
}

static void sysctls_plan(struct plan *plan, struct record *record)
{
	char name[SYSCTL_STRLEN];
	char *text = NULL;
	size_t size, i;
	FILE *file;

	file = open_memstream(&text, &size);
	if (!file)
		out_of_memory();
	fputs(HEADER, file);
	for (i = 0; i < record->n_sysctls; i++) {
		const struct kept_sysctl *kept = &record->sysctls[i];

		/* "-": an interface may not be there at boot */
		if (kept->lasting)
			fprintf(file, "-%s = %d\n",
				sysctl_name(name, kept->key), kept->value);
	}
	if (fclose(file))
		out_of_memory();
	want_file(plan, record, SYSCTL_FILE, 0644, text);
	free(text);
}

static bool has_file(const struct record *record, const char *path)
{
	size_t i;

	for (i = 0; i < record->n_files; i++)
		if (!strcmp(record->files[i].path, path))
			return true;
	return false;
}

/**
 * lasting_plan() - plan the files that bring the VIPs back at boot
 * @plan: the plan
 * @host: this host
 * @record: what they are for; learns which they are
 *
 * Files that are of no use any more are removed.
 */
void lasting_plan(struct plan *plan, const struct host *host,
		  struct record *record)
{
	struct kept_file *old = record->files;
	size_t n_old = record->n_files;
	bool vips = false, sysctls = false;
	size_t i;

	record->files = NULL;
	record->n_files = 0;
	for (i = 0; i < record->n_vips; i++)
		vips |= record->vips[i].lasting;
	for (i = 0; i < record->n_sysctls; i++)
		sysctls |= record->sysctls[i].lasting;
	if (sysctls)
		sysctls_plan(plan, record);
	if (vips)
		addresses_plan(plan, host, record);
	for (i = 0; i < n_old; i++)
		if (!has_file(record, old[i].path))
			plan_remove(plan, old[i].path);
	free(old);
}
