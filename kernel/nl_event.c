// SPDX-License-Identifier: GPL-2.0-only
/* Netlink: tells who listens of every change. */
#include "dev.h"
#include "netlink.h"
#include "server.h"

/* NULL if nobody listens, or for want of memory: listeners are told so */
static struct sk_buff *dsr_nl_event_new(struct dsr_net *dn, u8 cmd, void **hdr,
					gfp_t gfp)
{
	struct sk_buff *msg;

	if (!genl_has_listeners(&dsr_nl_family, dn->net, 0))
		return NULL;
	msg = genlmsg_new(NLMSG_DEFAULT_SIZE, gfp);
	if (!msg) {
		genl_set_err(&dsr_nl_family, dn->net, 0, 0, ENOBUFS);
		return NULL;
	}
	*hdr = genlmsg_put(msg, 0, 0, &dsr_nl_family, 0, cmd);
	return msg;
}

static void dsr_nl_event_send(struct dsr_net *dn, struct sk_buff *msg,
			      void *hdr, gfp_t gfp, int err)
{
	if (err) {
		nlmsg_free(msg);
		genl_set_err(&dsr_nl_family, dn->net, 0, 0, ENOBUFS);
		return;
	}
	genlmsg_end(msg, hdr);
	genlmsg_multicast_netns(&dsr_nl_family, dn->net, msg, 0, 0, gfp);
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
	struct sk_buff *msg;
	void *hdr;

	msg = dsr_nl_event_new(vip->dn, cmd, &hdr, GFP_KERNEL);
	if (msg)
		dsr_nl_event_send(vip->dn, msg, hdr, GFP_KERNEL,
				  dsr_nl_put_vip(msg, vip));
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

	msg = dsr_nl_event_new(dn, cmd, &hdr, GFP_KERNEL);
	if (msg)
		dsr_nl_event_send(dn, msg, hdr, GFP_KERNEL,
				  dsr_nl_put_server(msg, server));
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

	msg = dsr_nl_event_new(dn, cmd, &hdr, GFP_KERNEL);
	if (msg)
		dsr_nl_event_send(dn, msg, hdr, GFP_KERNEL,
				  dsr_nl_put_dev(msg, dd));
}

/**
 * dsr_nl_flush_event() - tell that all VIPs are gone
 * @dn: the director
 *
 * Context: process, dn->lock.
 */
void dsr_nl_flush_event(struct dsr_net *dn)
{
	struct sk_buff *msg;
	void *hdr;

	msg = dsr_nl_event_new(dn, DSR_CMD_FLUSH_NTF, &hdr, GFP_KERNEL);
	if (msg)
		dsr_nl_event_send(dn, msg, hdr, GFP_KERNEL, 0);
}

/**
 * dsr_nl_limit_event() - tell of the limit on flows
 * @dn: the director
 *
 * Context: process, dn->lock.
 */
void dsr_nl_limit_event(struct dsr_net *dn)
{
	struct sk_buff *msg;
	void *hdr;

	msg = dsr_nl_event_new(dn, DSR_CMD_LIMIT_SET_NTF, &hdr, GFP_KERNEL);
	if (msg)
		dsr_nl_event_send(dn, msg, hdr, GFP_KERNEL,
				  nla_put_u64_64bit(msg, DSR_A_FLOWS_MAX,
						    dn->flows_max, DSR_A_PAD));
}

static int dsr_nl_put_claim(struct sk_buff *msg, const struct net_device *dev,
			    const struct in6_addr *vip, const u8 *mac)
{
	if (dsr_nl_put_addr(msg, DSR_A_ADDR4, DSR_A_ADDR6, vip) ||
	    nla_put(msg, DSR_A_PATH_MAC, ETH_ALEN, mac) ||
	    nla_put_string(msg, DSR_A_IFNAME, dev->name))
		return -EMSGSIZE;
	return 0;
}

/**
 * dsr_nl_arp_event() - tell that another host claims a VIP
 * @dn: the director
 * @dev: where it was heard
 * @vip: the VIP's address
 * @mac: the host's
 *
 * Context: softirq, RCU.
 */
void dsr_nl_arp_event(struct dsr_net *dn, const struct net_device *dev,
		      const struct in6_addr *vip, const u8 *mac)
{
	struct sk_buff *msg;
	void *hdr;

	msg = dsr_nl_event_new(dn, DSR_CMD_ARP_NTF, &hdr, GFP_ATOMIC);
	if (msg)
		dsr_nl_event_send(dn, msg, hdr, GFP_ATOMIC,
				  dsr_nl_put_claim(msg, dev, vip, mac));
}
