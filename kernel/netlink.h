/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DSR_NETLINK_H
#define _DSR_NETLINK_H

#include <net/genetlink.h>

#include "dsr.h"
#include "flow.h"
#include "server.h"
#include "vip.h"

extern struct genl_family dsr_nl_family;

int dsr_nl_module_init(void);
void dsr_nl_module_exit(void);

/* nl_policy.c: what each object may have; nests to attributes */
extern const struct nla_policy dsr_policy_vip_name[DSR_A_VIP_MAX + 1];
extern const struct nla_policy dsr_policy_vip[DSR_A_VIP_MAX + 1];
extern const struct nla_policy dsr_policy_server_name[DSR_A_SERVER_MAX + 1];
extern const struct nla_policy dsr_policy_dev[DSR_A_DEV_MAX + 1];
extern const struct nla_policy dsr_policy_limit[DSR_A_LIMIT_MAX + 1];
extern const struct nla_policy dsr_policy_filter[DSR_A_FLOW_MAX + 1];
extern const struct nla_policy dsr_policy_packet[DSR_A_FLOW_MAX + 1];
int dsr_nl_parse_vip_name(struct nlattr **attrs, const struct nlattr *nest,
			  struct netlink_ext_ack *extack);
int dsr_nl_parse_vip(struct nlattr **attrs, const struct nlattr *nest,
		     struct netlink_ext_ack *extack);
int dsr_nl_parse_server(struct nlattr **attrs, const struct nlattr *nest,
			bool options, struct netlink_ext_ack *extack);
int dsr_nl_parse_flow(struct nlattr **attrs, const struct nlattr *nest,
		      const struct nla_policy *policy,
		      struct netlink_ext_ack *extack);
int dsr_nl_parse_item(struct nlattr **attrs, const struct nlattr *nest,
		      struct netlink_ext_ack *extack);
const struct nlattr *dsr_nl_get_ifname(const struct nlattr *nest,
				       struct netlink_ext_ack *extack);
int dsr_nl_get_limit(const struct nlattr *nest, unsigned int *flows,
		     struct netlink_ext_ack *extack);

/* nl_name.c: attributes to what they name */
int dsr_nl_get_addr(struct nlattr **attrs, int v4, int v6,
		    struct in6_addr *addr, struct netlink_ext_ack *extack);
int dsr_nl_get_vip_key(struct nlattr **attrs, struct dsr_vip_key *key,
		       __be16 *port_last, struct netlink_ext_ack *extack);
struct dsr_vip *dsr_nl_find_vip(struct dsr_net *dn, const struct nlattr *nest,
				struct nlattr **attrs,
				struct netlink_ext_ack *extack);
struct dsr_vip *dsr_nl_get_vip(struct dsr_net *dn, const struct nlattr *nest,
			       struct netlink_ext_ack *extack);

/* nl_opts.c: attributes to options */
extern const u16 dsr_nl_timeouts[DSR_FLOW_STATES];
int dsr_nl_check_server(struct nlattr **attrs, int v4, int v6,
			const struct dsr_vip_key *key,
			const struct in6_addr *addr,
			struct netlink_ext_ack *extack);
int dsr_nl_get_vip_opts(struct nlattr **attrs, const struct dsr_vip_key *key,
			struct dsr_vip_opts *opts,
			struct netlink_ext_ack *extack);
bool dsr_nl_sets_vip(struct nlattr **attrs);
int dsr_nl_get_server_opts(struct net *net, struct nlattr **attrs,
			   const struct in6_addr *addr,
			   struct dsr_server_opts *opts,
			   struct netlink_ext_ack *extack);
int dsr_nl_sets_server(struct nlattr **attrs, bool sorry,
		       struct netlink_ext_ack *extack);

/* nl_config.c: what changes something */
struct dsr_net *dsr_nl_begin(struct genl_info *info);
void dsr_nl_end(struct dsr_net *dn);
struct dsr_net *dsr_nl_begin_rtnl(struct genl_info *info);
void dsr_nl_end_rtnl(struct dsr_net *dn);
int dsr_nl_vip_add(struct sk_buff *skb, struct genl_info *info);
int dsr_nl_vip_set(struct sk_buff *skb, struct genl_info *info);
int dsr_nl_vip_del(struct sk_buff *skb, struct genl_info *info);
int dsr_nl_dev_add(struct sk_buff *skb, struct genl_info *info);
int dsr_nl_dev_del(struct sk_buff *skb, struct genl_info *info);
int dsr_nl_flush(struct sk_buff *skb, struct genl_info *info);
int dsr_nl_limit_set(struct sk_buff *skb, struct genl_info *info);

/* nl_servers.c: what changes the servers of a VIP */
int dsr_nl_server_add(struct sk_buff *skb, struct genl_info *info);
int dsr_nl_server_set(struct sk_buff *skb, struct genl_info *info);
int dsr_nl_server_del(struct sk_buff *skb, struct genl_info *info);

/* nl_load.c: all of the configuration at once */
int dsr_nl_config_load(struct sk_buff *skb, struct genl_info *info);

/* nl_show.c: what shows the configuration and counters */
int dsr_nl_vip_get(struct sk_buff *skb, struct genl_info *info);
int dsr_nl_vip_dump(struct sk_buff *skb, struct netlink_callback *cb);
int dsr_nl_server_get(struct sk_buff *skb, struct genl_info *info);
int dsr_nl_server_dump(struct sk_buff *skb, struct netlink_callback *cb);
int dsr_nl_dev_dump(struct sk_buff *skb, struct netlink_callback *cb);
int dsr_nl_stats_get(struct sk_buff *skb, struct genl_info *info);
struct sk_buff *dsr_nl_reply_new(struct genl_info *info, u8 cmd, void **hdr);
int dsr_nl_reply(struct genl_info *info, struct sk_buff *msg, void *hdr,
		 int err);
int dsr_nl_put_addr(struct sk_buff *skb, int v4, int v6,
		    const struct in6_addr *addr);
int dsr_nl_put_vip_name(struct sk_buff *skb, const struct dsr_vip *vip);
int dsr_nl_put_vip(struct sk_buff *skb, const struct dsr_vip *vip);
int dsr_nl_put_server(struct sk_buff *skb, const struct dsr_server *server);
int dsr_nl_put_path(struct sk_buff *skb, const struct dsr_server *server);
int dsr_nl_put_dev(struct sk_buff *skb, const struct dsr_dev *dd);
int dsr_nl_put_limit(struct sk_buff *skb, const struct dsr_net *dn);

/* nl_flow.c: flows */
int dsr_nl_flow_dump_start(struct netlink_callback *cb);
int dsr_nl_flow_dump(struct sk_buff *skb, struct netlink_callback *cb);
int dsr_nl_flow_dump_done(struct netlink_callback *cb);
int dsr_nl_put_flow_state(struct sk_buff *skb, const struct dsr_flow *flow,
			  const struct dsr_server *server, u8 state);
int dsr_nl_flow_flush(struct sk_buff *skb, struct genl_info *info);

/* nl_explain.c: what would become of a packet */
int dsr_nl_explain(struct sk_buff *skb, struct genl_info *info);

/* nl_event.c: what tells of changes */
void dsr_nl_vip_event(const struct dsr_vip *vip, u8 cmd);
void dsr_nl_server_event(const struct dsr_server *server, u8 cmd);
void dsr_nl_dev_event(struct dsr_net *dn, const struct dsr_dev *dd, u8 cmd);
void dsr_nl_done_event(struct dsr_net *dn, u8 cmd);
void dsr_nl_limit_event(struct dsr_net *dn);
void dsr_nl_arp_event(struct dsr_net *dn, const struct net_device *dev,
		      const struct in6_addr *vip, const u8 *mac, u8 kind);

#endif /* _DSR_NETLINK_H */
