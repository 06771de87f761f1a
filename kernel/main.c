// SPDX-License-Identifier: GPL-2.0-only
/* Comes and goes: the module, and the director of each network namespace. */
#include <linux/module.h>
#include <linux/random.h>
#include <linux/rtnetlink.h>
#include <net/netns/generic.h>

#include "dev.h"
#include "dsr.h"
#include "flow.h"
#include "frag.h"
#include "hook.h"
#include "netlink.h"
#include "nexthop.h"
#include "persist.h"
#include "proc.h"
#include "speak.h"
#include "stats.h"
#include "vip.h"

unsigned int dsr_net_id __read_mostly;
struct workqueue_struct *dsr_wq;

/**
 * dsr_net() - the director of a namespace
 * @net: the namespace
 *
 * Context: any.
 * Return: the director; never NULL while the module is in.
 */
struct dsr_net *dsr_net(const struct net *net)
{
	return net_generic(net, dsr_net_id);
}

static int __net_init dsr_net_init(struct net *net)
{
	struct dsr_net *dn = dsr_net(net);
	int err;

	dn->net = net;
	/* not where another load of the module began; even, and not 0 */
	dn->generation = get_random_u32() | 1;
	dn->generation = dsr_net_next_generation(dn);
	mutex_init(&dn->lock);
	INIT_LIST_HEAD(&dn->devs);
	INIT_LIST_HEAD(&dn->nexthops);
	INIT_LIST_HEAD(&dn->stale);
	INIT_DELAYED_WORK(&dn->nexthop_work, dsr_nexthop_work);
	spin_lock_init(&dn->speak_lock);
	INIT_LIST_HEAD(&dn->speakers);
	dn->speak_asked = jiffies;
	INIT_DELAYED_WORK(&dn->speak_work, dsr_speak_work);
	ratelimit_state_init(&dn->arp_limit, HZ, 10);
	ratelimit_set_flags(&dn->arp_limit, RATELIMIT_MSG_ON_RELEASE);
	ratelimit_state_init(&dn->reply_limit, HZ, 1000);
	/* who is refused is no news */
	ratelimit_set_flags(&dn->reply_limit, RATELIMIT_MSG_ON_RELEASE);

	dn->stats = alloc_percpu(struct dsr_stats);
	if (!dn->stats)
		return -ENOMEM;
	err = dsr_vip_init(dn);
	if (err)
		goto err_stats;
	err = dsr_flow_init(dn);
	if (err)
		goto err_vip;
	err = dsr_persist_init(dn);
	if (err)
		goto err_flow;
	err = dsr_frag_init(dn);
	if (err)
		goto err_persist;
	err = dsr_proc_init(dn);
	if (err)
		goto err_frag;
	return 0;

err_frag:
	dsr_frag_exit(dn);
err_persist:
	dsr_persist_exit(dn);
err_flow:
	dsr_flow_exit(dn);
err_vip:
	dsr_vip_exit(dn);
err_stats:
	free_percpu(dn->stats);
	return err;
}

/*
 * Hooks go first. All namespaces on their way out share one grace period
 * between this and dsr_net_exit(), after which no packet is on its way through.
 */
static void __net_exit dsr_net_pre_exit(struct net *net)
{
	struct dsr_net *dn = dsr_net(net);

	dsr_proc_exit(dn);
	rtnl_lock();
	mutex_lock(&dn->lock);
	dsr_vip_flush(dn);
	dsr_dev_exit(dn);
	mutex_unlock(&dn->lock);
	rtnl_unlock();
}

static void __net_exit dsr_net_exit(struct net *net)
{
	struct dsr_net *dn = dsr_net(net);

	cancel_delayed_work_sync(&dn->nexthop_work);
	cancel_delayed_work_sync(&dn->speak_work);
	dsr_frag_exit(dn);
	dsr_flow_stop(dn);
	dsr_persist_exit(dn);
	dsr_flow_exit(dn);
	dsr_vip_exit(dn);
	free_percpu(dn->stats);
}

static struct pernet_operations dsr_net_ops = {
	.init = dsr_net_init,
	.pre_exit = dsr_net_pre_exit,
	.exit = dsr_net_exit,
	.id = &dsr_net_id,
	.size = sizeof(struct dsr_net),
};

/*
 * What was handed to call_rcu() returns into this module. The end of a
 * server's grace period may start its VIP's: two rounds.
 */
static void dsr_wait_for_rcu(void)
{
	rcu_barrier();
	rcu_barrier();
}

static int __init dsr_init(void)
{
	int err;

	dsr_wq = alloc_workqueue("dsr", WQ_UNBOUND, 0);
	if (!dsr_wq)
		return -ENOMEM;
	err = dsr_flow_module_init();
	if (err)
		goto err_wq;
	err = register_pernet_subsys(&dsr_net_ops);
	if (err)
		goto err_flow;
	err = dsr_nexthop_module_init();
	if (err)
		goto err_net;
	err = dsr_dev_module_init();
	if (err)
		goto err_nexthop;
	err = dsr_nl_module_init();
	if (err)
		goto err_dev;
	return 0;

err_dev:
	dsr_dev_module_exit();
err_nexthop:
	dsr_nexthop_module_exit();
err_net:
	unregister_pernet_subsys(&dsr_net_ops);
err_flow:
	dsr_wait_for_rcu();
	dsr_flow_module_exit();
err_wq:
	destroy_workqueue(dsr_wq);
	return err;
}

static void __exit dsr_exit(void)
{
	dsr_nl_module_exit();
	dsr_dev_module_exit();
	dsr_nexthop_module_exit();
	unregister_pernet_subsys(&dsr_net_ops);
	dsr_wait_for_rcu();
	dsr_flow_module_exit();
	destroy_workqueue(dsr_wq);
}

module_init(dsr_init);
module_exit(dsr_exit);

MODULE_DESCRIPTION("L4 switch for Direct Server Return");
MODULE_AUTHOR("The dsr maintainers");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1.0");
MODULE_ALIAS_GENL_FAMILY(DSR_GENL_NAME);
