// SPDX-License-Identifier: GPL-2.0-only
/* Netlink: tells who listens of every change. */
#include "dev.h"
#include "netlink.h"
#include "server.h"

/*
 * An event is the command's that is being done, if one is. NULL if nobody is to
 * be told, or for want of memory: listeners are told so.
 */
static struct sk_buff *dsr_nl_event_new(struct dsr_net *dn,
					const struct genl_info *cause, u8 cmd,
					void **hdr, gfp_t gfp)
{
	struct sk_buff *msg;

	if (!genl_has_listeners(&dsr_nl_family, dn->net, 0) &&
	    !(cause && nlmsg_report(cause->nlhdr)))
		return NULL;
	msg = genlmsg_new(NLMSG_DEFAULT_SIZE, gfp);
	if (!msg) {
		genl_set_err(&dsr_nl_family, dn->net, 0, 0, ENOBUFS);
		return NULL;
	}
	*hdr = genlmsg_put(msg, cause ? cause->snd_portid : 0,
			   cause ? cause->snd_seq : 0, &dsr_nl_family, 0, cmd);
	return msg;
}

static void dsr_nl_event_send(struct dsr_net *dn, struct genl_info *cause,
			      struct sk_buff *msg, void *hdr, gfp_t gfp,
			      int err)
{
	if (err) {
		nlmsg_free(msg);
		genl_set_err(&dsr_nl_family, dn->net, 0, 0, ENOBUFS);
		return;
	}
	genlmsg_end(msg, hdr);
	if (cause)
		genl_notify(&dsr_nl_family, msg, cause, 0, gfp);
	else
		genlmsg_multicast_netns(&dsr_nl_family, dn->net, msg, 0, 0,
					gfp);
}

/* Who sent the command: netlink has it done by the process itself */
static int dsr_nl_put_cause(struct sk_buff *msg, const struct dsr_net *dn)
{
	struct nlattr *nest = nla_nest_start(msg, DSR_A_CAUSE);
	char comm[TASK_COMM_LEN];

	if (!nest ||
	    nla_put_u32(msg, DSR_A_CAUSE_PORTID, dn->cause->snd_portid) ||
	    nla_put_u32(msg, DSR_A_CAUSE_PID, task_tgid_nr(current)) ||
	    nla_put_u32(msg, DSR_A_CAUSE_UID,
			from_kuid_munged(dn->net->user_ns, current_uid())) ||
	    nla_put_string(msg, DSR_A_CAUSE_COMM,
			   get_task_comm(comm, current)))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

/* Ends an event of the configuration: which one, and whose doing it is */
static void dsr_nl_event_end(struct dsr_net *dn, struct sk_buff *msg, void *hdr,
			     int err)
{
	lockdep_assert_held(&dn->lock);

	if (!err)
		err = nla_put_u32(msg, DSR_A_GENERATION, dn->cause ?
				  dsr_net_next_generation(dn) : dn->generation);
	if (!err && dn->cause)
		err = dsr_nl_put_cause(msg, dn);
	dsr_nl_event_send(dn, dn->cause, msg, hdr, GFP_KERNEL, err);
}

/**
 * dsr_nl_vip_event() - tell of a VIP
 * @vip: the VIP
 * @cmd: DSR_CMD_VIP_*_NTF
 *
 * Context: process, dn->lock.
 */
void dsr_nl_vip_event(const struct dsr_vip *vip, u8 cmd)
{
	struct dsr_net *dn = vip->dn;
	struct sk_buff *msg;
	void *hdr;

	msg = dsr_nl_event_new(dn, dn->cause, cmd, &hdr, GFP_KERNEL);
	if (msg)
		dsr_nl_event_end(dn, msg, hdr, dsr_nl_put_vip(msg, vip));
}

/**
 * dsr_nl_server_event() - tell of a server
 * @server: the server
 * @cmd: DSR_CMD_SERVER_*_NTF
 *
 * Context: process, dn->lock.
 */
void dsr_nl_server_event(const struct dsr_server *server, u8 cmd)
{
	struct dsr_net *dn = server->vip->dn;
	struct sk_buff *msg;
	void *hdr;

	msg = dsr_nl_event_new(dn, dn->cause, cmd, &hdr, GFP_KERNEL);
	if (msg)
		dsr_nl_event_end(dn, msg, hdr, dsr_nl_put_server(msg, server));
}

/**
 * dsr_nl_dev_event() - tell of a dev
 * @dn: the director
 * @dd: the dev
 * @cmd: DSR_CMD_DEV_*_NTF
 *
 * Context: process, dn->lock.
 */
void dsr_nl_dev_event(struct dsr_net *dn, const struct dsr_dev *dd, u8 cmd)
{
	struct sk_buff *msg;
	void *hdr;

	msg = dsr_nl_event_new(dn, dn->cause, cmd, &hdr, GFP_KERNEL);
	if (msg)
		dsr_nl_event_end(dn, msg, hdr, dsr_nl_put_dev(msg, dd));
}

/**
 * dsr_nl_done_event() - tell that something is done that has no object
 * @dn: the director
 * @cmd: DSR_CMD_FLUSH_NTF or DSR_CMD_CONFIG_LOAD_NTF
 *
 * Context: process, dn->lock.
 */
void dsr_nl_done_event(struct dsr_net *dn, u8 cmd)
{
	struct sk_buff *msg;
	void *hdr;

	msg = dsr_nl_event_new(dn, dn->cause, cmd, &hdr, GFP_KERNEL);
	if (msg)
		dsr_nl_event_end(dn, msg, hdr, 0);
}

/**
 * dsr_nl_limit_event() - tell of the limits
 * @dn: the director
 *
 * Context: process, dn->lock.
 */
void dsr_nl_limit_event(struct dsr_net *dn)
{
	struct sk_buff *msg;
	void *hdr;

	msg = dsr_nl_event_new(dn, dn->cause, DSR_CMD_LIMIT_SET_NTF, &hdr,
			       GFP_KERNEL);
	if (msg)
		dsr_nl_event_end(dn, msg, hdr, dsr_nl_put_limit(msg, dn));
}

static int dsr_nl_put_claim(struct sk_buff *msg, const struct net_device *dev,
			    const struct in6_addr *vip, const u8 *mac, u8 kind)
{
	struct nlattr *nest = nla_nest_start(msg, DSR_A_CLAIM);

	if (!nest ||
	    dsr_nl_put_addr(msg, DSR_A_CLAIM_ADDR4, DSR_A_CLAIM_ADDR6, vip) ||
	    (mac && nla_put(msg, DSR_A_CLAIM_MAC, ETH_ALEN, mac)) ||
	    (dev && nla_put_string(msg, DSR_A_CLAIM_IFNAME, dev->name)) ||
	    nla_put_u8(msg, DSR_A_CLAIM_KIND, kind))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

/**
 * dsr_nl_arp_event() - tell that another host claims a VIP, or does no longer
 * @dn: the director
 * @dev: where it was heard, or NULL
 * @vip: the VIP's address
 * @mac: the host's, or NULL
 * @kind: enum dsr_claim_kind
 *
 * Context: any, RCU.
 */
void dsr_nl_arp_event(struct dsr_net *dn, const struct net_device *dev,
		      const struct in6_addr *vip, const u8 *mac, u8 kind)
{
	struct sk_buff *msg;
	void *hdr;

	msg = dsr_nl_event_new(dn, NULL, DSR_CMD_ARP_NTF, &hdr, GFP_ATOMIC);
	if (msg)
		dsr_nl_event_send(dn, NULL, msg, hdr, GFP_ATOMIC,
				  dsr_nl_put_claim(msg, dev, vip, mac, kind));
}
