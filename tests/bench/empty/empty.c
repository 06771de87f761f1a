// SPDX-License-Identifier: GPL-2.0-only
/*
 * A hook that does nothing, in the namespace of the interface v1: what netfilter
 * takes for any hook. At PRE_ROUTING, and at ingress of v1 with ingress=1.
 */
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <net/net_namespace.h>

static bool ingress;
module_param(ingress, bool, 0);

static unsigned int empty_hook(void *priv, struct sk_buff *skb,
			       const struct nf_hook_state *state)
{
	return NF_ACCEPT;
}

static struct nf_hook_ops empty_ops[] = {
	{
		.hook = empty_hook,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP_PRI_CONNTRACK - 1,
	},
	{
		.hook = empty_hook,
		.pf = NFPROTO_NETDEV,
		.hooknum = NF_NETDEV_INGRESS,
	},
};

static struct net *empty_net;

static int __net_init empty_init(struct net *net)
{
	struct net_device *dev = dev_get_by_name(net, "v1");
	int err;

	if (!dev)
		return 0;
	empty_net = net;
	empty_ops[1].dev = dev;
	err = nf_register_net_hooks(net, empty_ops, 1 + ingress);
	dev_put(dev);
	return err;
}

static void __net_exit empty_exit(struct net *net)
{
	if (net == empty_net)
		nf_unregister_net_hooks(net, empty_ops, 1 + ingress);
}

static struct pernet_operations empty_pernet = {
	.init = empty_init,
	.exit = empty_exit,
};

static int __init empty_module_init(void)
{
	return register_pernet_subsys(&empty_pernet);
}
module_init(empty_module_init);

static void __exit empty_module_exit(void)
{
	unregister_pernet_subsys(&empty_pernet);
}
module_exit(empty_module_exit);

MODULE_DESCRIPTION("A netfilter hook that does nothing");
MODULE_LICENSE("GPL");
