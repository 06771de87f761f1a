// SPDX-License-Identifier: GPL-2.0-only
/*
 * The verdict for firewalls: whether a rule drops all that is for a VIP before
 * the module sees it. Rules about some clients only are an operator's wish, and
 * what can't be read is given the benefit of the doubt.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "doctor.h"
#include "iptables.h"

#define TEXT_STRLEN	256
#define LIST_RULESET	"nft -j list ruleset 2>/dev/null"
/* The module's own, and the deepest jump that the kernel takes */
#define PREROUTING_PRIO	-201
#define INGRESS_PRIO	0
#define MAX_JUMPS	16

enum fate {
	FATE_NEXT,		/* the next rule decides */
	FATE_PASS,
	FATE_DROP,
};

/**
 * struct walk - the way of a VIP's packets through the rules
 * @ruleset: the objects of "nft -j list ruleset", or of iptables_read()
 * @vip: the VIP
 * @jumps: how deep it is
 * @doubt: a rule that could not be read may have let them pass
 * @rule: the one that dropped them, NULL for the policy of a chain
 */
struct walk {
	const json_t *ruleset;
	const struct vip *vip;
	int jumps;
	bool doubt;
	const json_t *rule;
};

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static bool same_text(const json_t *a, const json_t *b, const char *key)
{
	return !strcmp(text_of(a, key), text_of(b, key));
}

/* --- values ----------------------------------------------------------------- */

static int compare_address(const struct walk *walk, const char *text)
{
	const struct address *addr = &walk->vip->addr;
	struct address other;

	if (parse_address(text, &other) || other.family != addr->family)
		return -2;
	return memcmp(&addr->v6, &other.v6, addr->family == AF_INET ?
		      sizeof(addr->v4) : sizeof(addr->v6));
}

static bool prefix_has(const struct walk *walk, const json_t *prefix)
{
	struct net_address net = {
		.length = json_integer_value(json_object_get(prefix, "len")),
	};

	if (parse_address(text_of(prefix, "addr"), &net.addr) ||
	    net.length > (net.addr.family == AF_INET ? 32 : 128))
		return false;
	return net_has(&net, &walk->vip->addr);
}

static bool range_has(const struct walk *walk, const json_t *range, bool port)
{
	const json_t *first = json_array_get(range, 0);
	const json_t *last = json_array_get(range, 1);

	if (port)
		return json_integer_value(first) <= walk->vip->port &&
		       walk->vip->port <= json_integer_value(last);
	return json_is_string(first) && json_is_string(last) &&
	       compare_address(walk, json_string_value(first)) >= 0 &&
	       compare_address(walk, json_string_value(last)) <= 0;
}

static const json_t *find_set(const struct walk *walk, const json_t *rule,
			      const char *name)
{
	const json_t *object, *set;
	size_t i;

	json_array_foreach(walk->ruleset, i, object) {
		set = json_object_get(object, "set");
		if (set && same_text(set, rule, "family") &&
		    same_text(set, rule, "table") &&
		    !strcmp(text_of(set, "name"), name))
			return json_object_get(set, "elem");
	}
	return NULL;
}

/* Whether the right side of a match has the VIP's address or port */
static bool value_has(const struct walk *walk, const json_t *rule,
		      const json_t *value, bool port)
{
	const char *text = json_string_value(value);
	const json_t *list = value, *each;
	size_t i;

	if (text && *text == '@')
		list = find_set(walk, rule, text + 1);
	else if (text)
		return !port && !compare_address(walk, text);
	else if (json_is_integer(value))
		return port && json_integer_value(value) == walk->vip->port;
	else if (json_object_get(value, "prefix"))
		return !port &&
		       prefix_has(walk, json_object_get(value, "prefix"));
	else if (json_object_get(value, "range"))
		return range_has(walk, json_object_get(value, "range"), port);
	else if (json_object_get(value, "set"))
		list = json_object_get(value, "set");
	else if (json_object_get(value, "elem"))
		return value_has(walk, rule,
				 json_object_get(json_object_get(value, "elem"),
						 "val"), port);

	json_array_foreach(list, i, each)
		if (!json_is_array(each) && value_has(walk, rule, each, port))
			return true;
	return false;
}

/* --- rules ------------------------------------------------------------------ */

static bool is_protocol(const struct walk *walk, const char *name)
{
	char buf[PROTOCOL_STRLEN];

	return !strcmp(format_protocol(buf, walk->vip->proto), name);
}

/* Whoever it is about, a rule that drops lets nobody pass */
static void doubt(struct walk *walk, const json_t *rule)
{
	const json_t *list = json_object_get(rule, "expr");
	const json_t *last = json_array_get(list, json_array_size(list) - 1);

	if (!json_object_get(last, "drop") && !json_object_get(last, "reject"))
		walk->doubt = true;
}

/*
 * Whether a match is true for all that comes for the VIP. An interface that is
 * named is taken for one that clients come in by.
 */
static bool is_matched(struct walk *walk, const json_t *rule,
		       const json_t *match)
{
	const json_t *left = json_object_get(match, "left");
	const json_t *right = json_object_get(match, "right");
	const json_t *payload = json_object_get(left, "payload");
	const char *key = text_of(json_object_get(left, "meta"), "key");
	const char *header = text_of(payload, "protocol");
	const char *field = text_of(payload, "field");
	bool same = !strcmp(text_of(match, "op"), "==");

	if (!strcmp(key, "iif") || !strcmp(key, "iifname")) {
		if (!same)
			doubt(walk, rule);
		return same;
	}
	if (!strcmp(key, "l4proto") || !strcmp(field, "protocol") ||
	    !strcmp(field, "nexthdr"))
		return json_is_string(right) &&
		       is_protocol(walk, json_string_value(right)) == same;
	if (!strcmp(field, "daddr") && (!strcmp(header, "ip") ||
					!strcmp(header, "ip6")))
		return (walk->vip->addr.family == AF_INET) ==
		       !strcmp(header, "ip") &&
		       value_has(walk, rule, right, false) == same;
	if (!strcmp(field, "dport"))
		return walk->vip->port &&
		       (is_protocol(walk, header) || !strcmp(header, "th")) &&
		       value_has(walk, rule, right, true) == same;
	doubt(walk, rule);
	return false;
}

static enum fate walk_chain(struct walk *walk, const json_t *like,
			    const char *name);

static enum fate walk_rule(struct walk *walk, const json_t *rule)
{
	const json_t *each, *to;
	size_t i;

	json_array_foreach(json_object_get(rule, "expr"), i, each) {
		const char *word = json_object_iter_key(
					json_object_iter((json_t *)each));

		if (!word)
			return FATE_NEXT;
		to = json_object_get(each, word);
		if (!strcmp(word, "match")) {
			if (!is_matched(walk, rule, to))
				return FATE_NEXT;
		} else if (!strcmp(word, "drop") || !strcmp(word, "reject")) {
			walk->rule = rule;
			return FATE_DROP;
		} else if (!strcmp(word, "jump")) {
			return walk_chain(walk, rule, text_of(to, "target"));
		} else if (!strcmp(word, "accept") ||
			   !strcmp(word, "goto") || !strcmp(word, "return")) {
			return FATE_PASS;
		} else if (strcmp(word, "counter") && strcmp(word, "log") &&
			   strcmp(word, "notrack")) {
			doubt(walk, rule);
			return FATE_NEXT;
		}
	}
	return FATE_NEXT;
}

/* The chain of a name in the table of another object */
static enum fate walk_chain(struct walk *walk, const json_t *like,
			    const char *name)
{
	enum fate fate = FATE_NEXT;
	const json_t *object, *rule;
	size_t i;

	if (walk->jumps == MAX_JUMPS)
		return FATE_PASS;
	walk->jumps++;
	json_array_foreach(walk->ruleset, i, object) {
		rule = json_object_get(object, "rule");
		if (!rule || !same_text(rule, like, "family") ||
		    !same_text(rule, like, "table") ||
		    strcmp(text_of(rule, "chain"), name))
			continue;
		fate = walk_rule(walk, rule);
		if (fate != FATE_NEXT)
			break;
	}
	walk->jumps--;
	return fate;
}

/* --- chains ----------------------------------------------------------------- */

static bool is_dev(const struct doctor *doctor, const struct link *link)
{
	size_t i;

	for (i = 0; i < doctor->devs.count; i++)
		if ((int)doctor->devs.items[i].ifindex == link->index)
			return true;
	return false;
}

/* Whether requests go through a chain before the module has seen them */
static bool is_before(const struct doctor *doctor, const json_t *chain,
		      const struct vip *vip)
{
	bool v4 = vip->addr.family == AF_INET;
	const char *family = text_of(chain, "family");
	const char *hook = text_of(chain, "hook");
	const char *dev = text_of(chain, "dev");
	json_int_t prio = json_integer_value(json_object_get(chain, "prio"));
	bool ingress = !strcmp(hook, "ingress");
	size_t i;

	if (!strcmp(family, v4 ? "ip6" : "ip") ||
	    (!ingress && strcmp(hook, "prerouting")) ||
	    prio > (ingress ? INGRESS_PRIO : PREROUTING_PRIO))
		return false;
	for (i = 0; i < doctor->n_ways; i++) {
		const struct link *way = doctor->ways[i];

		if (ingress ? !*dev || !strcmp(dev, way->name) :
			      !is_dev(doctor, way))
			return true;
	}
	return false;
}

static void tell_drop(struct doctor *doctor, const struct walk *walk,
		      const json_t *chain)
{
	char what[TEXT_STRLEN], command[TEXT_STRLEN], vip[VIP_STRLEN];
	const json_t *where = walk->rule ? walk->rule : chain;
	const char *program = text_of(where, "program");
	const char *family = text_of(where, "family");
	const char *table = text_of(where, "table");
	const char *name = text_of(where, walk->rule ? "chain" : "name");
	long long handle = json_integer_value(json_object_get(where, "handle"));
	const struct finding finding = {
		.code = "firewall",
		.about.vip = format_vip(vip, walk->vip),
		.what = what,
		.why = "the module never sees the requests",
		.mend = *program ? json_string_value(json_object_get(where, "mend")) :
				   command,
	};

	snprintf(what, sizeof(what),
		 "%s of the %s chain %.20s %.60s %.60s drops what is for it",
		 walk->rule ? "a rule" : "the policy",
		 *program ? program : "nftables", family, table, name);
	if (walk->rule)
		snprintf(command, sizeof(command),
			 "nft delete rule %.20s %.60s %.60s handle %lld",
			 family, table, name, handle);
	else
		snprintf(command, sizeof(command),
			 "nft chain %.20s %.60s %.60s '{ policy accept; }'",
			 family, table, name);
	findings_add(&doctor->findings, &finding);
}

static json_t *read_ruleset(void)
{
	FILE *file = popen(LIST_RULESET, "re");
	json_t *document = NULL;
	json_t *ruleset = NULL;

	/* without nft there is a good chance that there are no rules either */
	if (file) {
		document = json_loadf(file, 0, NULL);
		pclose(file);
	}
	if (document)
		ruleset = json_incref(json_object_get(document, "nftables"));
	json_decref(document);
	return ruleset;
}

static void judge_chain(struct doctor *doctor, const json_t *ruleset,
			const json_t *chain, const struct vip *vip)
{
	struct walk walk = { .ruleset = ruleset, .vip = vip };
	enum fate fate;

	if (!is_before(doctor, chain, vip))
		return;
	fate = walk_chain(&walk, chain, text_of(chain, "name"));
	if (fate == FATE_NEXT && !strcmp(text_of(chain, "policy"), "drop"))
		fate = FATE_DROP;
	if (fate == FATE_DROP && !walk.doubt)
		tell_drop(doctor, &walk, chain);
}

static void judge_ruleset(struct doctor *doctor, const struct request *req,
			  const json_t *ruleset)
{
	const json_t *object, *chain;
	size_t i, k;

	json_array_foreach(ruleset, i, object) {
		chain = json_object_get(object, "chain");
		for (k = 0; chain && k < doctor->before.count; k++) {
			const struct message *vip = &doctor->before.items[k];

			if (vip->cmd == DSR_CMD_VIP_GET &&
			    doctor_is_wanted(req, vip))
				judge_chain(doctor, ruleset, chain, &vip->vip);
		}
	}
}

/**
 * doctor_judge_filters() - print which rules hide requests from the module
 * @doctor: all that is known
 * @req: names the VIPs
 */
void doctor_judge_filters(struct doctor *doctor, const struct request *req)
{
	json_t *rulesets[] = { read_ruleset(), iptables_read() };
	size_t i;

	for (i = 0; i < sizeof(rulesets) / sizeof(rulesets[0]); i++) {
		judge_ruleset(doctor, req, rulesets[i]);
		json_decref(rulesets[i]);
	}
}
