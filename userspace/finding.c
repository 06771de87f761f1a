// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "dsrctl.h"
#include "finding.h"

/* Room for a line: a subject, three texts and a command */
#define LINE_STRLEN	2048

/**
 * findings_begin() - begin to print what a check finds
 * @findings: is set up
 * @ctx: has the form
 */
void findings_begin(struct findings *findings, const struct context *ctx)
{
	*findings = (struct findings) {
		.json = ctx->json,
		.array = { .pretty = ctx->pretty },
	};
}

static json_t *subject_json(const struct subject *about)
{
	json_t *object = object_new();

	if (about->vip)
		object_set_text(object, "vip", about->vip);
	if (about->server)
		object_set_text(object, "server", about->server);
	if (about->dev)
		object_set_text(object, "dev", about->dev);
	return object;
}

static const char *subject_text(char *buf, size_t size,
				const struct subject *about)
{
	const char *words[] = { about->vip, about->server, about->dev };
	size_t len = 0;
	size_t i;

	snprintf(buf, size, "this host");
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i] && len < size)
			len += snprintf(buf + len, size - len, "%s%s",
					len ? " " : "", words[i]);
	return buf;
}

/**
 * findings_add() - print a finding
 * @findings: where
 * @finding: what is wrong
 */
void findings_add(struct findings *findings, const struct finding *finding)
{
	char line[LINE_STRLEN];
	char subject[256];
	json_t *object;

	findings->count++;
	if (!findings->json) {
		subject_text(subject, sizeof(subject), &finding->about);
		snprintf(line, sizeof(line), "%s: %s: %s: %s%s%s", subject,
			 finding->code, finding->what, finding->why,
			 finding->mend ? "; mend: " : "",
			 finding->mend ? finding->mend : "");
		output_line(line);
		return;
	}
	object = subject_json(&finding->about);
	object_set_text(object, "finding", finding->code);
	object_set_text(object, "what", finding->what);
	object_set_text(object, "why", finding->why);
	if (finding->mend)
		object_set_text(object, "mend", finding->mend);
	array_item(&findings->array, object);
}

/**
 * findings_fine() - print that something is as it should be
 * @findings: where
 * @about: what was looked at
 * @what: what is known of it
 */
void findings_fine(struct findings *findings, const struct subject *about,
		   const char *what)
{
	char line[LINE_STRLEN];
	char subject[256];
	json_t *object;

	if (!findings->json) {
		snprintf(line, sizeof(line), "%s: ok: %s",
			 subject_text(subject, sizeof(subject), about), what);
		output_line(line);
		return;
	}
	object = subject_json(about);
	object_set_text(object, "ok", what);
	array_item(&findings->array, object);
}

/**
 * findings_end() - end what is printed
 * @findings: all of them
 *
 * Return: the exit status.
 */
int findings_end(struct findings *findings)
{
	if (findings->json)
		array_end(&findings->array);
	return findings->count ? EXIT_FOUND : EXIT_DONE;
}
