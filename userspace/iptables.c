// SPDX-License-Identifier: GPL-2.0-only
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "iptables.h"
#include "output.h"
#include "parse.h"

/* The one table with a chain before the module */
#define TABLE		"raw"
#define CHAIN		"PREROUTING"
#define PRIO		(-300)

/**
 * struct program - of iptables-legacy, for a family
 * @name: its name
 * @family: nft's word
 * @tables: has the tables that there are; to list one would make it
 * @list: prints the rules
 */
struct program {
	const char *name;
	const char *family;
	const char *tables;
	const char *list;
};

static const struct program programs[] = {
	{
		.name = "iptables-legacy",
		.family = "ip",
		.tables = "/proc/net/ip_tables_names",
		.list = "iptables-legacy-save -t " TABLE " 2>/dev/null",
	},
	{
		.name = "ip6tables-legacy",
		.family = "ip6",
		.tables = "/proc/net/ip6_tables_names",
		.list = "ip6tables-legacy-save -t " TABLE " 2>/dev/null",
	},
};

#define N_PROGRAMS	(sizeof(programs) / sizeof(programs[0]))

/* --- expressions ------------------------------------------------------------ */

static void add(json_t *list, json_t *item)
{
	if (!item || json_array_append_new(list, item))
		out_of_memory();
}

static void add_word(json_t *list, const char *word)
{
	add(list, json_pack("{s:n}", word));
}

/* What nft has for what it can't say */
static void add_unknown(json_t *list)
{
	add_word(list, "xt");
}

static void add_match(json_t *list, bool is, json_t *left, json_t *right)
{
	add(list, json_pack("{s:{s:s, s:o, s:o}}", "match", "op",
			    is ? "==" : "!=", "left", left, "right", right));
}

static void add_meta(json_t *list, bool is, const char *key, const char *value)
{
	add_match(list, is, json_pack("{s:{s:s}}", "meta", "key", key),
		  text_json(value));
}

static void add_payload(json_t *list, bool is, const char *protocol,
			const char *field, json_t *value)
{
	add_match(list, is, json_pack("{s:{s:s, s:s}}", "payload", "protocol",
				      protocol, "field", field), value);
}

/* ADDRESS/LENGTH; a mask may also have holes */
static void add_daddr(json_t *list, bool is, const char *word)
{
	char addr[ADDRESS_STRLEN];
	struct address net;
	int length;

	if (parse_prefix(word, &net, &length) || length < 0) {
		add_unknown(list);
		return;
	}
	add_payload(list, is, net.family == AF_INET ? "ip" : "ip6", "daddr",
		    json_pack("{s:{s:s, s:i}}", "prefix", "addr",
			      format_address(addr, &net), "len", length));
}

/* PORT or FIRST:LAST, or a list of these */
static void add_dport(json_t *list, bool is, const char *word)
{
	json_t *ports = json_array();
	unsigned int first, last;
	int len;

	for (; ports; word += len + 1) {
		if (sscanf(word, "%5u:%5u%n", &first, &last, &len) != 2) {
			if (sscanf(word, "%5u%n", &first, &len) != 1)
				break;
			last = first;
		}
		add(ports, json_pack("{s:[i, i]}", "range", first, last));
		if (word[len] != ',')
			break;
	}
	add_payload(list, is, "th", "dport",
		    json_pack("{s:o}", "set", ports));
}

/* --- words ------------------------------------------------------------------ */

/* The next word of a line, which is cut off; NULL at its end */
static char *cut_word(char **line)
{
	char *word = *line + strspn(*line, " ");
	char *end = word;
	bool quoted = *word == '"';

	if (!*word)
		return NULL;
	for (end += quoted; *end && *end != (quoted ? '"' : ' '); end++)
		if (quoted && *end == '\\' && end[1])
			end++;
	end += quoted && *end;
	*line = end + !!*end;
	*end = '\0';
	return word;
}

static bool is_among(const char *word, const char *const *list)
{
	while (*list && strcmp(word, *list))
		list++;
	return *list;
}

static bool has_chain(const json_t *ruleset, const char *family,
		      const char *name)
{
	const json_t *object;
	const char *has_family, *has_name;
	size_t i;

	json_array_foreach(ruleset, i, object)
		if (!json_unpack((json_t *)object, "{s:{s:s, s:s}}", "chain",
				 "family", &has_family, "name", &has_name) &&
		    !strcmp(has_family, family) && !strcmp(has_name, name))
			return true;
	return false;
}

/* What a rule does in the end */
static void add_target(json_t *list, const json_t *ruleset, const char *family,
		       const char *name)
{
	static const char *const harmless[] = {
		"CT", "LOG", "NFLOG", "NOTRACK", "TRACE", NULL
	};

	if (!strcmp(name, "DROP"))
		add_word(list, "drop");
	else if (!strcmp(name, "ACCEPT") || !strcmp(name, "RETURN"))
		add_word(list, "accept");
	else if (is_among(name, harmless))
		add_word(list, "counter");
	else if (has_chain(ruleset, family, name))
		add(list, json_pack("{s:{s:s}}", "jump", "target", name));
	else
		add_unknown(list);
}

/* A condition that has a value; false if it is none that is known here */
static bool add_condition(json_t *list, bool is, const char *option,
			  const char *value)
{
	static const char *const silent[] = {
		"comment", "multiport", "sctp", "tcp", "udp", NULL
	};

	if (!strcmp(option, "-d"))
		add_daddr(list, is, value);
	else if (!strcmp(option, "-i"))
		add_meta(list, is, "iifname", value);
	else if (!strcmp(option, "-p"))
		add_meta(list, is, "l4proto", value);
	else if (!strcmp(option, "--dport") || !strcmp(option, "--dports"))
		add_dport(list, is, value);
	else
		return !strcmp(option, "--comment") ||
		       (!strcmp(option, "-m") && is_among(value, silent));
	return true;
}

/* What follows the name of the chain. What follows a target is its own. */
static json_t *read_expressions(const json_t *ruleset, const char *family,
				char *line)
{
	static const char *const known[] = {
		"-d", "-i", "-m", "-p", "--comment", "--dport", "--dports", NULL
	};
	json_t *list = json_array();
	const char *option, *value;
	bool is = true;

	while ((option = cut_word(&line))) {
		bool jump = !strcmp(option, "-j");

		if (!strcmp(option, "!")) {
			is = false;
			continue;
		}
		value = jump || is_among(option, known) ? cut_word(&line) : NULL;
		if (value && jump) {
			add_target(list, ruleset, family, value);
			break;
		}
		if (!value || !add_condition(list, is, option, value))
			add_unknown(list);
		is = true;
	}
	return list;
}

/* --- lines ------------------------------------------------------------------ */

static json_t *new_object(const struct program *program)
{
	json_t *object = object_new();

	object_set_text(object, "program", program->name);
	object_set_text(object, "family", program->family);
	object_set_text(object, "table", TABLE);
	return object;
}

/* The command that mends it, unless a shell would make another one of it */
static void set_mend(json_t *object, const struct program *program,
		     const char *option, const char *words)
{
	char *mend = text_new("%s -t " TABLE " %s %s", program->name, option,
			      words);

	if (!strpbrk(words, "$`\\"))
		object_set_text(object, "mend", mend);
	free(mend);
}

/* NAME POLICY [COUNTERS] */
static void read_chain(json_t *ruleset, const struct program *program,
		       char *line)
{
	json_t *chain = new_object(program);
	const char *name = cut_word(&line);
	const char *policy = cut_word(&line);

	object_set_text(chain, "name", name ? name : "");
	if (name && policy && !strcmp(name, CHAIN)) {
		object_set_text(chain, "hook", "prerouting");
		object_set(chain, "prio", json_integer(PRIO));
		object_set_text(chain, "policy",
				strcmp(policy, "DROP") ? "accept" : "drop");
		set_mend(chain, program, "-P", CHAIN " ACCEPT");
	}
	add(ruleset, json_pack("{s:o}", "chain", chain));
}

/* CHAIN [CONDITION...] [TARGET] */
static void read_rule(json_t *ruleset, const struct program *program,
		      char *line)
{
	json_t *rule = new_object(program);
	const char *chain;

	set_mend(rule, program, "-D", line);
	chain = cut_word(&line);
	object_set_text(rule, "chain", chain ? chain : "");
	object_set(rule, "expr",
		   read_expressions(ruleset, program->family, line));
	add(ruleset, json_pack("{s:o}", "rule", rule));
}

static bool has_table(const struct program *program)
{
	char *text = file_read(program->tables);
	bool found = false;
	char *name, *rest;

	for (name = text ? strtok_r(text, "\n", &rest) : NULL; name && !found;
	     name = strtok_r(NULL, "\n", &rest))
		found = !strcmp(name, TABLE);
	free(text);
	return found;
}

static void read_rules(json_t *ruleset, const struct program *program)
{
	FILE *file = popen(program->list, "re");
	char *line = NULL;
	size_t size = 0;

	if (!file)
		return;
	while (getline(&line, &size, file) >= 0) {
		line[strcspn(line, "\n")] = '\0';
		if (*line == ':')
			read_chain(ruleset, program, line + 1);
		else if (!strncmp(line, "-A ", 3))
			read_rule(ruleset, program, line + 3);
	}
	free(line);
	pclose(file);
}

/**
 * iptables_read() - read the rules that packets meet before the module
 *
 * What is not understood becomes an expression without a meaning, as nft has it
 * as well. Chains and rules also have the "program", and if there is one, the
 * command that would "mend" them.
 *
 * Return: an array as in "nft -j list ruleset".
 */
json_t *iptables_read(void)
{
	json_t *ruleset = json_array();
	size_t i;

	for (i = 0; i < N_PROGRAMS; i++)
		if (has_table(&programs[i]))
			read_rules(ruleset, &programs[i]);
	return ruleset;
}
