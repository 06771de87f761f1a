/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of "dsrctl realserver" share.
 *
 * setup and undo make a plan of steps, each of which can be done or printed as
 * a command. The record says what setup has done, so that undo takes back that
 * and nothing else.
 */
#ifndef DSRCTL_REALSERVER_H
#define DSRCTL_REALSERVER_H

#include <limits.h>

#include "dsrctl.h"
#include "host.h"
#include "sysctl.h"

/* Each file that setup writes has this in it */
#define SETUP_MARK	"dsrctl realserver setup"

#define COMMAND_STRLEN	512
#define PREFIX_STRLEN	320
#define WORD_STRLEN	(SYSCTL_STRLEN * 4)

/* The good values: answer for addresses of the interface only, ask with them */
#define ARP_IGNORE_GOOD		1
#define ARP_ANNOUNCE_GOOD	2

/**
 * struct vip_list - the VIPs of a command
 * @items: the VIPs; without a port for all of their address
 * @count: their number
 */
struct vip_list {
	struct vip *items;
	size_t count;
};

/**
 * struct kept_vip - a VIP that setup was asked for
 * @addr: its address
 * @label: for ifconfig, IPv4 only
 * @added: it was not on lo before
 * @lasting: it is to be there after the next boot, too
 */
struct kept_vip {
	struct address addr;
	char label[IFNAMSIZ];
	bool added;
	bool lasting;
};

/**
 * struct kept_sysctl - a setting that setup has made
 * @key: which
 * @before: what it was
 * @value: what it became
 * @lasting: it is to be so after the next boot, too
 */
struct kept_sysctl {
	char key[SYSCTL_STRLEN];
	int before;
	int value;
	bool lasting;
};

/**
 * struct kept_file - a file that setup has written
 * @path: its name
 */
struct kept_file {
	char path[PATH_MAX];
};

/**
 * struct record - what setup has done in this network namespace
 * @own_netns: it is not the one that the machine boots with: nothing lasts
 * @running: the file for what is to go with the next boot
 * @vips: the VIPs
 * @n_vips: their number
 * @sysctls: the settings
 * @n_sysctls: their number
 * @files: the files
 * @n_files: their number
 */
struct record {
	bool own_netns;
	char running[PATH_MAX];
	struct kept_vip *vips;
	size_t n_vips;
	struct kept_sysctl *sysctls;
	size_t n_sysctls;
	struct kept_file *files;
	size_t n_files;
};

struct plan;

/* realserver_record.c */
const char *record_read(struct record *record);
void record_free(struct record *record);
struct kept_vip *record_vip(struct record *record, const struct address *addr);
struct kept_vip *record_add_vip(struct record *record,
				const struct address *addr);
struct kept_sysctl *record_sysctl(struct record *record, const char *key);
struct kept_sysctl *record_add_sysctl(struct record *record, const char *key);
void record_add_file(struct record *record, const char *path);
void record_plan(const struct record *record, struct plan *plan);
void record_plan_first(const struct record *record, struct plan *plan);

/* realserver_plan.c */
struct plan *plan_new(const struct context *ctx);
void plan_free(struct plan *plan);
void plan_sysctl(struct plan *plan, const char *key, int value);
void plan_add_address(struct plan *plan, const struct net_address *own);
void plan_del_address(struct plan *plan, const struct net_address *own);
void plan_write(struct plan *plan, const char *path, mode_t mode,
		const char *text);
void plan_symlink(struct plan *plan, const char *target, const char *path);
void plan_remove(struct plan *plan, const char *path);
void plan_note(struct plan *plan, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void plan_refuse(struct plan *plan, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
size_t plan_count(const struct plan *plan);
void plan_last_to_front(struct plan *plan, size_t count);
int plan_run(struct plan *plan, const struct request *req);

/* realserver_lasting.c */
void lasting_plan(struct plan *plan, const struct host *host,
		  struct record *record);

/* realserver_setup.c */
int setup_run(struct context *ctx, const struct request *req);
int undo_run(struct context *ctx, const struct request *req);

/* realserver_check.c */
int check_run(struct context *ctx, const struct request *req);

/* cmd_realserver.c */
const char *realserver_prefix(char buf[PREFIX_STRLEN],
			      const struct context *ctx);
const char *realserver_quote(char buf[WORD_STRLEN], const char *word);
const char *realserver_words(char buf[COMMAND_STRLEN],
			     const struct net_address *own);
void realserver_own(struct net_address *own, const struct kept_vip *kept);
bool realserver_arp_good(const char *name, int value);
int realserver_vips(struct vip_list *list, const struct request *req,
		    bool ports);
int realserver_read(const struct request *req, struct host *host,
		    struct record *record);

#endif /* DSRCTL_REALSERVER_H */
