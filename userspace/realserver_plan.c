// SPDX-License-Identifier: GPL-2.0-only
/*
 * What setup and undo are going to do: a list of steps. Each knows the command
 * that an admin could type instead.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "output.h"
#include "realserver.h"

#define WHY_STRLEN	256

enum step_kind {
	STEP_NOTE,
	STEP_SYSCTL,
	STEP_ADD_ADDRESS,
	STEP_DEL_ADDRESS,
	STEP_WRITE,
	STEP_SYMLINK,
	STEP_REMOVE,
};

/**
 * struct step - one thing to do
 * @kind: what
 * @command: that thing as a command, or as a comment in the shell
 * @done: how it is told when it is done
 * @name: a key or a file
 * @value: of a setting
 * @own: an address
 * @text: of a file, or what a link names
 * @mode: of a file
 */
struct step {
	enum step_kind kind;
	char *command;
	char *done;
	char *name;
	int value;
	struct net_address own;
	char *text;
	mode_t mode;
};

/**
 * struct plan - all there is to do
 * @ctx: how to print
 * @steps: in their order
 * @count: their number
 * @refusal: why nothing can be done, empty: it can
 */
struct plan {
	const struct context *ctx;
	struct step *steps;
	size_t count;
	char refusal[WHY_STRLEN];
};

struct plan *plan_new(const struct context *ctx)
{
	struct plan *plan = calloc(1, sizeof(*plan));

	if (!plan)
		out_of_memory();
	plan->ctx = ctx;
	return plan;
}

static void free_step(struct step *step)
{
	free(step->command);
	free(step->done);
	free(step->name);
	free(step->text);
}

void plan_free(struct plan *plan)
{
	size_t i;

	for (i = 0; i < plan->count; i++)
		free_step(&plan->steps[i]);
	free(plan->steps);
	free(plan);
}

static struct step *add_step(struct plan *plan, enum step_kind kind,
			     const char *name)
{
	struct step *step;

	plan->steps = reallocarray(plan->steps, plan->count + 1, sizeof(*step));
	if (!plan->steps)
		out_of_memory();
	step = &plan->steps[plan->count++];
	memset(step, 0, sizeof(*step));
	step->kind = kind;
	step->name = text_new("%s", name);
	return step;
}

/**
 * plan_refuse() - nothing of this plan can be done
 * @plan: the plan
 * @fmt: what is in the way, and why that is
 */
void plan_refuse(struct plan *plan, const char *fmt, ...)
{
	va_list ap;

	if (*plan->refusal)
		return;
	va_start(ap, fmt);
	vsnprintf(plan->refusal, sizeof(plan->refusal), fmt, ap);
	va_end(ap);
}

/**
 * plan_note() - tell something at this point
 * @plan: the plan
 * @fmt: what to tell
 */
void plan_note(struct plan *plan, const char *fmt, ...)
{
	struct step *step = add_step(plan, STEP_NOTE, "");
	va_list ap;
	int ret;

	va_start(ap, fmt);
	ret = vasprintf(&step->done, fmt, ap);
	va_end(ap);
	if (ret < 0)
		out_of_memory();
	step->command = text_new("# %s", step->done);
}

/**
 * plan_sysctl() - change a setting
 * @plan: the plan
 * @key: which
 * @value: the new value
 */
void plan_sysctl(struct plan *plan, const char *key, int value)
{
	struct step *step = add_step(plan, STEP_SYSCTL, key);
	char prefix[PREFIX_STRLEN];
	char name[SYSCTL_STRLEN];
	char word[WORD_STRLEN];

	step->value = value;
	sysctl_name(name, key);
	step->command = text_new("%ssysctl -w %s=%d",
				 realserver_prefix(prefix, plan->ctx),
				 realserver_quote(word, name), value);
	step->done = text_new("set %s = %d", name, value);
}

/**
 * plan_add_address() - put an address on lo
 * @plan: the plan
 * @own: the address
 */
void plan_add_address(struct plan *plan, const struct net_address *own)
{
	struct step *step = add_step(plan, STEP_ADD_ADDRESS, "");
	char words[COMMAND_STRLEN];
	char addr[ADDRESS_STRLEN];
	char prefix[PREFIX_STRLEN];

	step->own = *own;
	step->command = text_new("%sip address add %s",
				 realserver_prefix(prefix, plan->ctx),
				 realserver_words(words, own));
	step->done = text_new("added %s/%u to lo%s%s",
			      format_address(addr, &own->addr), own->length,
			      *own->label ? " as " : "", own->label);
}

/**
 * plan_del_address() - take an address from lo
 * @plan: the plan
 * @own: the address
 */
void plan_del_address(struct plan *plan, const struct net_address *own)
{
	struct step *step = add_step(plan, STEP_DEL_ADDRESS, "");
	char addr[ADDRESS_STRLEN];
	char prefix[PREFIX_STRLEN];

	step->own = *own;
	format_address(addr, &own->addr);
	step->command = text_new("%sip address del %s/%u dev lo",
				 realserver_prefix(prefix, plan->ctx), addr,
				 own->length);
	step->done = text_new("removed %s/%u from lo", addr, own->length);
}

static int dir_len(const char *path)
{
	return strrchr(path, '/') - path;
}

/**
 * plan_write() - write a file, unless it is what it should be
 * @plan: the plan
 * @path: its name
 * @mode: who may read and run it
 * @text: what is to be in it
 */
void plan_write(struct plan *plan, const char *path, mode_t mode,
		const char *text)
{
	char *old = file_read(path);
	bool same = old && !strcmp(old, text);
	bool ours = old && strstr(old, SETUP_MARK);
	struct step *step;

	if ((old || errno != ENOENT) && !ours)
		plan_refuse(plan, "%s: is there and not of setup's making", path);
	free(old);
	if (same)
		return;
	step = add_step(plan, STEP_WRITE, path);
	step->mode = mode;
	step->text = text_new("%s", text);
	step->command = text_new("mkdir -p %.*s && tee %s <<'END' >/dev/null && chmod %o %s\n%sEND",
				 dir_len(path), path, path, mode, path, text);
	step->done = text_new("wrote %s", path);
}

/**
 * plan_symlink() - make a symbolic link, unless it is what it should be
 * @plan: the plan
 * @target: what it names
 * @path: the link
 */
void plan_symlink(struct plan *plan, const char *target, const char *path)
{
	char old[PATH_MAX];
	struct step *step;
	ssize_t len;

	len = readlink(path, old, sizeof(old));
	if (len >= 0 && (size_t)len == strlen(target) &&
	    !memcmp(old, target, len))
		return;
	step = add_step(plan, STEP_SYMLINK, path);
	step->text = text_new("%s", target);
	step->command = text_new("mkdir -p %.*s && ln -sf %s %s",
				 dir_len(path), path, target, path);
	step->done = text_new("linked %s", path);
}

/**
 * plan_remove() - remove a file, if it is there
 * @plan: the plan
 * @path: its name
 */
void plan_remove(struct plan *plan, const char *path)
{
	struct stat st;
	struct step *step;

	if (lstat(path, &st))
		return;
	step = add_step(plan, STEP_REMOVE, path);
	step->command = text_new("rm -f %s", path);
	step->done = text_new("removed %s", path);
}

/**
 * plan_last_to_front() - do what was planned last before everything else
 * @plan: the plan
 * @count: how many steps there were before that
 */
void plan_last_to_front(struct plan *plan, size_t count)
{
	size_t i;

	for (i = 0; count + i < plan->count; i++) {
		struct step step = plan->steps[count + i];

		memmove(&plan->steps[i + 1], &plan->steps[i],
			count * sizeof(step));
		plan->steps[i] = step;
	}
}

size_t plan_count(const struct plan *plan)
{
	return plan->count;
}

static int do_step(const struct step *step)
{
	int ret;

	switch (step->kind) {
	case STEP_SYSCTL:
		return sysctl_write(step->name, step->value);
	case STEP_ADD_ADDRESS:
		return rtnetlink_add_address(&step->own);
	case STEP_DEL_ADDRESS:
		ret = rtnetlink_del_address(&step->own);
		/* another that went took it along, or somebody was faster */
		return ret == -EADDRNOTAVAIL ? 0 : ret;
	case STEP_WRITE:
		return file_write(step->name, step->text, step->mode);
	case STEP_SYMLINK:
		return file_symlink(step->text, step->name);
	case STEP_REMOVE:
		return unlink(step->name) && errno != ENOENT ? -errno : 0;
	case STEP_NOTE:
		break;
	}
	return 0;
}

static const char *why_not(int error)
{
	return error == -EPERM || error == -EACCES ?
		"not permitted (be root)" : strerror(-error);
}

static void show_step(const struct plan *plan, const struct step *step,
		      struct array *array, bool dry_run)
{
	json_t *object;

	if (!plan->ctx->json && dry_run) {
		puts(step->command);
		return;
	}
	if (!plan->ctx->json) {
		output_line(step->done);
		return;
	}
	object = object_new();
	object_set_text(object, dry_run ? "command" : "done",
			dry_run ? step->command : step->done);
	array_item(array, object);
}

/**
 * plan_run() - do what is planned, or with "--dry-run" print it
 * @plan: the plan
 * @req: the request
 *
 * Return: the exit status.
 */
int plan_run(struct plan *plan, const struct request *req)
{
	struct array array = { .pretty = plan->ctx->pretty };
	char why[WHY_STRLEN * 2];
	int status = EXIT_DONE;
	size_t i;

	if (*plan->refusal)
		return dsrctl_fail(req, plan->refusal);

	for (i = 0; !status && i < plan->count; i++) {
		const struct step *step = &plan->steps[i];
		int ret = req->dry_run ? 0 : do_step(step);

		if (!ret) {
			show_step(plan, step, &array, req->dry_run);
			continue;
		}
		snprintf(why, sizeof(why), "%.*s: %s",
			 (int)strcspn(step->command, "\n"), step->command,
			 why_not(ret));
		status = dsrctl_fail(req, why);
	}
	if (plan->ctx->json)
		array_end(&array);
	return status;
}
