// SPDX-License-Identifier: GPL-2.0-only
/*
 * A plugin of qemu's translator that tells where a guest's instructions went.
 *
 * The guest says begin and end with instructions that do nothing (mark.c).
 * After each end a block goes to the file named by out=: a line "interval",
 * then for each piece of translated code that ran, how often, its address, and
 * the sizes of its instructions, a hexadecimal digit each.
 *
 * One virtual CPU only: the counters are not atomic. The prototypes are those
 * of the plugin interface, version 1, for which Debian has no header.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mark.h"

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef void (*on_translation)(qemu_plugin_id_t id, struct qemu_plugin_tb *tb);
typedef void (*on_execution)(unsigned int cpu, void *data);
enum { NO_REGISTERS = 0, ADD_U64 = 0 };

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
					   on_translation cb);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
					    on_execution cb, int flags,
					    void *data);
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *tb, int op,
					      void *ptr, uint64_t add);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb,
						 size_t i);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);

#define EXPORT __attribute__((visibility("default")))

EXPORT int qemu_plugin_version = 1;

/* A piece of code, known by its address and the sizes of its instructions */
struct piece {
	struct piece *next;
	uint64_t address;
	uint64_t count;
	char sizes[];
};

#define BUCKETS 65536

static struct piece *pieces[BUCKETS];
static FILE *out;

static void on_begin(unsigned int cpu, void *data)
{
	struct piece *p;
	size_t i;

	(void)cpu, (void)data;
	for (i = 0; i < BUCKETS; i++)
		for (p = pieces[i]; p; p = p->next)
			p->count = 0;
}

static void on_end(unsigned int cpu, void *data)
{
	struct piece *p;
	size_t i;

	(void)cpu, (void)data;
	fputs("interval\n", out);
	for (i = 0; i < BUCKETS; i++)
		for (p = pieces[i]; p; p = p->next)
			if (p->count)
				fprintf(out, "%lu %lx %s\n", p->count,
					p->address, p->sizes);
	fflush(out);
}

/* Code is translated again and again; what it counts must go on */
static struct piece *piece_of(uint64_t address, const char *sizes)
{
	struct piece **head = &pieces[(address ^ address >> 16) % BUCKETS];
	struct piece *p;

	for (p = *head; p; p = p->next)
		if (p->address == address && !strcmp(p->sizes, sizes))
			return p;
	p = calloc(1, sizeof(*p) + strlen(sizes) + 1);
	if (!p)
		abort();
	p->address = address;
	strcpy(p->sizes, sizes);
	p->next = *head;
	*head = p;
	return p;
}

static void watch_mark(struct qemu_plugin_insn *insn)
{
	static const uint8_t mark[] = { MARK_BYTES(0) };
	const uint8_t *bytes = qemu_plugin_insn_data(insn);

	if (qemu_plugin_insn_size(insn) != sizeof(mark) ||
	    memcmp(bytes, mark, sizeof(mark) - 1))
		return;
	qemu_plugin_register_vcpu_insn_exec_cb(insn,
		bytes[sizeof(mark) - 1] == MARK_BEGIN ? on_begin : on_end,
		NO_REGISTERS, NULL);
}

static void translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	size_t i, n = qemu_plugin_tb_n_insns(tb);
	struct qemu_plugin_insn *insn;
	char sizes[n + 1];

	(void)id;
	for (i = 0; i < n; i++) {
		insn = qemu_plugin_tb_get_insn(tb, i);
		sizes[i] = "0123456789abcdef"[qemu_plugin_insn_size(insn) & 15];
		watch_mark(insn);
	}
	sizes[n] = '\0';
	qemu_plugin_register_vcpu_tb_exec_inline(tb, ADD_U64,
		&piece_of(qemu_plugin_tb_vaddr(tb), sizes)->count, 1);
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc,
			       char **argv)
{
	(void)info;
	if (argc != 1 || strncmp(argv[0], "out=", 4) ||
	    !(out = fopen(argv[0] + 4, "w"))) {
		fputs("count: out=FILE must name a file\n", stderr);
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
	return 0;
}
