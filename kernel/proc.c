// SPDX-License-Identifier: GPL-2.0-only
/* /proc/net/dsr, dsr_flows and dsr_stats: for a person with cat. */
#include <linux/in.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>

#include "flow.h"
#include "proc.h"
#include "sched.h"
#include "server.h"
#include "stats.h"
#include "vip.h"

#define DSR_ADDR_STRLEN sizeof("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255")
/* "[2001:db8::100]:65535-65535/sctp" and the like */
#define DSR_VIP_STRLEN 64

static const char *dsr_proto_name(u8 proto)
{
	switch (proto) {
	case 0:
		return "any";
	case IPPROTO_TCP:
		return "tcp";
	case IPPROTO_UDP:
		return "udp";
	case IPPROTO_SCTP:
		return "sctp";
	default:
		return NULL;	/* of a flow: to be shown as a number */
	}
}

static void dsr_addr_str(char *buf, size_t len, const struct in6_addr *addr)
{
	__be32 v4 = dsr_v4(addr);

	if (dsr_is_v4(addr))
		snprintf(buf, len, "%pI4", &v4);
	else
		snprintf(buf, len, "%pI6c", addr);
}

static void dsr_vip_str(char *buf, size_t len, const struct dsr_vip *vip)
{
	bool brackets = vip->key.port && !dsr_is_v4(&vip->key.addr);
	char addr[DSR_ADDR_STRLEN], ports[16] = "";

	dsr_addr_str(addr, sizeof(addr), &vip->key.addr);
	if (dsr_vip_is_range(vip))
		snprintf(ports, sizeof(ports), ":%u-%u", ntohs(vip->key.port),
			 ntohs(vip->port_last));
	else if (vip->key.port)
		snprintf(ports, sizeof(ports), ":%u", ntohs(vip->key.port));
	snprintf(buf, len, "%s%s%s%s/%s", brackets ? "[" : "", addr,
		 brackets ? "]" : "", ports, dsr_proto_name(vip->key.proto));
}

static const char *const dsr_state_names[] = {
	[DSR_SERVER_UP] = "up",
	[DSR_SERVER_DRAIN] = "drain",
	[DSR_SERVER_RESOLVING] = "resolving",
	[DSR_SERVER_DOWN] = "down",
};

static const char *const dsr_why_names[] = {
	[DSR_WHY_NONE] = "",
	[DSR_WHY_NO_ROUTE] = "no-route",
	[DSR_WHY_OFF_LINK] = "off-link",
	[DSR_WHY_LOCAL] = "local-address",
	[DSR_WHY_NO_DEVICE] = "no-device",
	[DSR_WHY_DEVICE_DOWN] = "device-down",
	[DSR_WHY_NO_ETHERNET] = "no-ethernet",
	[DSR_WHY_NO_NEIGHBOUR] = "no-neighbour",
	[DSR_WHY_NO_MEMORY] = "no-memory",
};

static const char *const dsr_flow_state_names[DSR_FLOW_STATES] = {
	[DSR_FLOW_SYN] = "syn",
	[DSR_FLOW_OPEN] = "open",
	[DSR_FLOW_FIN] = "fin",
	[DSR_FLOW_RST] = "rst",
	[DSR_FLOW_UDP] = "udp",
	[DSR_FLOW_OTHER] = "other",
};

static void dsr_proc_show_server(struct seq_file *seq,
				 const struct dsr_server *server)
{
	const struct dsr_nexthop *nexthop = rcu_dereference(server->nexthop);
	const struct dsr_path *path = rcu_dereference(nexthop->path);
	char addr[DSR_ADDR_STRLEN], mac[18] = "-";
	struct dsr_totals totals = {};
	u8 state, why;

	state = dsr_server_state(server, &why);
	dsr_counters_add(&totals, server->counters);
	dsr_addr_str(addr, sizeof(addr), &server->addr);
	if (path && path->ready)
		snprintf(mac, sizeof(mac), "%pM", path->header);

	seq_printf(seq, "  %-39s %6u %-11s %9u %14llu %17llu %-17s %s%s%s%s\n",
		   addr, READ_ONCE(server->weight), dsr_state_names[state],
		   dsr_server_flows(server), totals.packets, totals.bytes, mac,
		   path ? path->dev->name : "-", why ? " " : "",
		   dsr_why_names[why], server->sorry ? " sorry" : "");
}

static void *dsr_proc_vip_start(struct seq_file *seq, loff_t *pos)
	__acquires(RCU)
{
	struct dsr_net *dn = dsr_net(seq_file_net(seq));
	unsigned long id = *pos - 1;
	struct dsr_vip *vip;

	rcu_read_lock();
	if (!*pos)
		return SEQ_START_TOKEN;
	vip = dsr_vip_next(dn, &id);
	if (vip)
		*pos = id;
	return vip;
}

/* The position is the VIP's id + 1: ids, not places in a list, stay put */
static void *dsr_proc_vip_next(struct seq_file *seq, void *v, loff_t *pos)
{
	struct dsr_net *dn = dsr_net(seq_file_net(seq));
	unsigned long id = *pos;
	struct dsr_vip *vip;

	vip = dsr_vip_next(dn, &id);
	*pos = vip ? id : *pos + 1;
	return vip;
}

static void dsr_proc_vip_stop(struct seq_file *seq, void *v)
	__releases(RCU)
{
	rcu_read_unlock();
}

static int dsr_proc_vip_show(struct seq_file *seq, void *v)
{
	const struct dsr_server *server;
	const struct dsr_vip *vip = v;
	struct dsr_totals totals;
	char name[DSR_VIP_STRLEN];
	u64 flows;

	if (v == SEQ_START_TOKEN) {
		seq_printf(seq, "%-41s %6s %-11s %9s %14s %17s %-17s %s\n",
			   "VIP / server", "weight", "sched/state",
			   "flows",
			   "packets", "bytes", "mac", "dev");
		return 0;
	}

	flows = dsr_vip_totals(vip, &totals);
	dsr_vip_str(name, sizeof(name), vip);
	seq_printf(seq, "%-41s %6s %-11s %9llu %14llu %17llu\n", name, "",
		   READ_ONCE(vip->opts.sched)->name, flows, totals.packets,
		   totals.bytes);
	list_for_each_entry_rcu(server, &vip->servers, list)
		dsr_proc_show_server(seq, server);
	return 0;
}

static const struct seq_operations dsr_proc_vip_ops = {
	.start = dsr_proc_vip_start,
	.next = dsr_proc_vip_next,
	.stop = dsr_proc_vip_stop,
	.show = dsr_proc_vip_show,
};

/* The iterator goes on from read to read, so that a million flows are no worse */
struct dsr_proc_flows {
	struct dsr_net *dn;
	struct rhashtable_iter iter;
};

static struct dsr_flow *dsr_proc_flow_find(struct dsr_proc_flows *walk,
					   bool next)
{
	struct dsr_flow *flow;

	do {
		flow = next ? rhashtable_walk_next(&walk->iter) :
			      rhashtable_walk_peek(&walk->iter);
		next = true;
	} while (IS_ERR(flow));	/* the table was resized */
	return flow;
}

static void *dsr_proc_flow_start(struct seq_file *seq, loff_t *pos)
	__acquires(RCU)
{
	struct dsr_proc_flows *walk = seq->private;

	if (!*pos) {
		rhashtable_walk_exit(&walk->iter);
		rhashtable_walk_enter(&walk->dn->flows, &walk->iter);
	}
	rhashtable_walk_start(&walk->iter);
	return *pos ? dsr_proc_flow_find(walk, false) : SEQ_START_TOKEN;
}

static void *dsr_proc_flow_next(struct seq_file *seq, void *v, loff_t *pos)
{
	++*pos;
	return dsr_proc_flow_find(seq->private, true);
}

static void dsr_proc_flow_stop(struct seq_file *seq, void *v)
	__releases(RCU)
{
	struct dsr_proc_flows *walk = seq->private;

	rhashtable_walk_stop(&walk->iter);
}

static int dsr_proc_flow_show(struct seq_file *seq, void *v)
{
	char vip[DSR_VIP_STRLEN], server_addr[DSR_ADDR_STRLEN];
	char client[DSR_ADDR_STRLEN];
	const struct dsr_server *server;
	const struct dsr_flow *flow = v;
	u32 now = dsr_flow_now();
	u8 state;

	if (v == SEQ_START_TOKEN) {
		seq_puts(seq, "vip client client-port server state age idle expires\n");
		return 0;
	}
	state = READ_ONCE(flow->state);
	server = READ_ONCE(flow->server);
	if (state == DSR_FLOW_BUSY || !server || READ_ONCE(server->removed))
		return 0;

	dsr_vip_str(vip, sizeof(vip), server->vip);
	dsr_addr_str(client, sizeof(client), &flow->client);
	dsr_addr_str(server_addr, sizeof(server_addr), &server->addr);
	seq_printf(seq, "%s %s %u %s %s %u %u %u\n", vip, client,
		   ntohs(flow->cport), server_addr,
		   dsr_flow_state_names[state],
		   now - READ_ONCE(flow->born), now - READ_ONCE(flow->seen),
		   dsr_flow_expires(flow, now));
	return 0;
}

static const struct seq_operations dsr_proc_flow_ops = {
	.start = dsr_proc_flow_start,
	.next = dsr_proc_flow_next,
	.stop = dsr_proc_flow_stop,
	.show = dsr_proc_flow_show,
};

static int dsr_proc_flow_open(struct inode *inode, struct file *file)
{
	struct dsr_proc_flows *walk;

	walk = __seq_open_private(file, &dsr_proc_flow_ops, sizeof(*walk));
	if (!walk)
		return -ENOMEM;
	walk->dn = pde_data(inode);
	rhashtable_walk_enter(&walk->dn->flows, &walk->iter);
	return 0;
}

/* Also called for files still open when the entry is removed */
static int dsr_proc_flow_release(struct inode *inode, struct file *file)
{
	struct seq_file *seq = file->private_data;
	struct dsr_proc_flows *walk = seq->private;

	rhashtable_walk_exit(&walk->iter);
	return seq_release_private(inode, file);
}

static const struct proc_ops dsr_proc_flow_proc_ops = {
	.proc_open = dsr_proc_flow_open,
	.proc_read = seq_read,
	.proc_lseek = seq_lseek,
	.proc_release = dsr_proc_flow_release,
};

static int dsr_proc_stats_show(struct seq_file *seq, void *v)
{
	struct dsr_net *dn = dsr_net(seq_file_single_net(seq));
	unsigned int i;

	seq_printf(seq, "forwarded %llu\n", dsr_stats_read(dn, DSR_FORWARDED));
	seq_printf(seq, "answered %llu\n", dsr_stats_read(dn, DSR_ANSWERED));
	for (i = DSR_PASS_FIRST; i < DSR_REASONS; i++)
		seq_printf(seq, "%s %s %llu\n",
			   i < DSR_DROP_FIRST ? "passed" : "dropped",
			   dsr_reason_names[i], dsr_stats_read(dn, i));
	return 0;
}

/**
 * dsr_proc_init() - make the files of a namespace
 * @dn: the director
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int dsr_proc_init(struct dsr_net *dn)
{
	struct proc_dir_entry *dir = dn->net->proc_net;

	if (proc_create_net("dsr", 0444, dir, &dsr_proc_vip_ops,
			    sizeof(struct seq_net_private)) &&
	    proc_create_data("dsr_flows", 0444, dir, &dsr_proc_flow_proc_ops,
			     dn) &&
	    proc_create_net_single("dsr_stats", 0444, dir, dsr_proc_stats_show,
				   NULL))
		return 0;
	dsr_proc_exit(dn);
	return -ENOMEM;
}

/**
 * dsr_proc_exit() - remove them; waits for their readers
 * @dn: the director
 *
 * Context: process.
 */
void dsr_proc_exit(struct dsr_net *dn)
{
	remove_proc_subtree("dsr", dn->net->proc_net);
	remove_proc_subtree("dsr_flows", dn->net->proc_net);
	remove_proc_subtree("dsr_stats", dn->net->proc_net);
}
