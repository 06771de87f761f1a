// SPDX-License-Identifier: GPL-2.0-only
/* The interfaces named by the operator, and the devices behind the names. */
#include <linux/if_arp.h>
#include <linux/netdevice.h>
#include <linux/netfilter_netdev.h>
#include <linux/netlink.h>
#include <linux/rculist.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "arp.h"
#include "dev.h"
#include "hook.h"
#include "netlink.h"
#include "nexthop.h"
#include "speak.h"

/**
 * dsr_dev_find() - the dev of that name
 * @dn: the director
 * @name: one of the interface's
 *
 * Context: process, RTNL, dn->lock.
 * Return: the dev, or NULL.
 */
struct dsr_dev *dsr_dev_find(struct dsr_net *dn, const char *name)
{
	const struct net_device *dev = __dev_get_by_name(dn->net, name);
	struct dsr_dev *dd;

	list_for_each_entry(dd, &dn->devs, list)
		if (!strcmp(dd->name, name) || (dev && dd->dev == dev))
			return dd;
	return NULL;
}

/**
 * dsr_dev_of() - the dev of an interface
 * @dn: the director
 * @dev: the interface
 *
 * Context: process, dn->lock.
 * Return: the dev, or NULL.
 */
struct dsr_dev *dsr_dev_of(struct dsr_net *dn, const struct net_device *dev)
{
	struct dsr_dev *dd;

	list_for_each_entry(dd, &dn->devs, list)
		if (dd->dev == dev)
			return dd;
	return NULL;
}

static int dsr_dev_hook(struct dsr_net *dn, struct dsr_dev *dd)
{
	int err;

	if (dd->hooked || !dd->dev)
		return 0;
	dd->ops = (struct nf_hook_ops) {
		.hook = dsr_hook_ingress,
		.priv = dn,
		.dev = dd->dev,
		.pf = NFPROTO_NETDEV,
		.hooknum = NF_NETDEV_INGRESS,
	};
	err = nf_register_net_hook(dn->net, &dd->ops);
	if (!err)
		WRITE_ONCE(dd->hooked, true);
	return err;
}

static void dsr_dev_unhook(struct dsr_net *dn, struct dsr_dev *dd)
{
	if (!dd->hooked)
		return;
	WRITE_ONCE(dd->hooked, false);
	nf_unregister_net_hook(dn->net, &dd->ops);
}

/**
 * dsr_dev_hook_all() - hook ingress of all dev interfaces
 * @dn: the director
 *
 * Context: process, dn->lock.
 * Return: 0 or a negative errno; then some may be hooked.
 */
int dsr_dev_hook_all(struct dsr_net *dn)
{
	struct dsr_dev *dd;
	int err;

	list_for_each_entry(dd, &dn->devs, list) {
		err = dsr_dev_hook(dn, dd);
		if (err)
			return err;
	}
	return 0;
}

/**
 * dsr_dev_unhook_all() - unhook them
 * @dn: the director
 *
 * Context: process, dn->lock.
 */
void dsr_dev_unhook_all(struct dsr_net *dn)
{
	struct dsr_dev *dd;

	list_for_each_entry(dd, &dn->devs, list)
		dsr_dev_unhook(dn, dd);
}

/* Context: RTNL, dn->lock */
static int dsr_dev_attach(struct dsr_net *dn, struct dsr_dev *dd,
			  struct net_device *dev)
{
	int err;

	netdev_hold(dev, &dd->tracker, GFP_KERNEL);
	WRITE_ONCE(dd->dev, dev);
	if (dn->hooked) {
		err = dsr_dev_hook(dn, dd);
		if (err) {
			WRITE_ONCE(dd->dev, NULL);
			netdev_put(dev, &dd->tracker);
			return err;
		}
	}
	/* frames that the NIC has merged beyond recognition can't be sent on */
	dev_disable_lro(dev);
	dsr_arp_join_dev(dn, dev);
	return 0;
}

/* Context: RTNL, dn->lock */
static void dsr_dev_detach(struct dsr_net *dn, struct dsr_dev *dd)
{
	struct net_device *dev = dd->dev;

	if (!dev)
		return;
	dsr_dev_unhook(dn, dd);
	dsr_arp_leave_dev(dn, dev);
	WRITE_ONCE(dd->dev, NULL);
	netdev_put(dev, &dd->tracker);
}

/**
 * dsr_dev_check() - can an interface be a dev?
 * @dn: the director
 * @name: its name; it may be absent
 * @extack: gets the reason of a refusal
 *
 * Context: process, RTNL.
 * Return: 0 or -EINVAL.
 */
int dsr_dev_check(struct dsr_net *dn, const char *name,
		  struct netlink_ext_ack *extack)
{
	const struct net_device *dev = __dev_get_by_name(dn->net, name);

	if (!dev || dev->type == ARPHRD_ETHER)
		return 0;
	NL_SET_ERR_MSG(extack, "not an Ethernet interface");
	return -EINVAL;
}

/**
 * dsr_dev_make() - take the fast path on an interface, without telling of it
 * @dn: the director
 * @name: its name; it may be absent
 * @extack: gets the reason of a refusal
 *
 * Context: process, RTNL, dn->lock.
 * Return: the dev; or -EINVAL, -ENOMEM or what registering met with.
 */
struct dsr_dev *dsr_dev_make(struct dsr_net *dn, const char *name,
			     struct netlink_ext_ack *extack)
{
	struct net_device *dev = __dev_get_by_name(dn->net, name);
	struct dsr_dev *dd;
	int err;

	err = dsr_dev_check(dn, name, extack);
	if (err)
		return ERR_PTR(err);
	dd = kzalloc(sizeof(*dd), GFP_KERNEL);
	if (!dd)
		return ERR_PTR(-ENOMEM);
	strscpy(dd->name, name, sizeof(dd->name));
	err = dev ? dsr_dev_attach(dn, dd, dev) : 0;
	if (err) {
		kfree(dd);
		return ERR_PTR(dsr_hook_refuse(err, extack));
	}
	dsr_net_change(dn);
	list_add_tail_rcu(&dd->list, &dn->devs);
	dsr_speak_again(dn, dev);
	return dd;
}

/**
 * dsr_dev_add() - take the fast path on an interface
 * @dn: the director
 * @name: its name, or an alternative one, by which it is followed
 * @extack: gets the reason of a refusal
 *
 * Context: process, RTNL, dn->lock.
 * Return: 0, -EEXIST, -ENODEV, -EINVAL, -ENOMEM or what registering met with.
 */
int dsr_dev_add(struct dsr_net *dn, const char *name,
		struct netlink_ext_ack *extack)
{
	struct dsr_dev *dd;

	if (dsr_dev_find(dn, name)) {
		NL_SET_ERR_MSG(extack, "dev exists already");
		return -EEXIST;
	}
	if (!__dev_get_by_name(dn->net, name)) {
		NL_SET_ERR_MSG(extack, "no such interface");
		return -ENODEV;
	}
	dd = dsr_dev_make(dn, name, extack);
	if (IS_ERR(dd))
		return PTR_ERR(dd);
	dsr_nl_dev_event(dn, dd, DSR_CMD_DEV_ADD_NTF);
	return 0;
}

/**
 * dsr_dev_remove() - leave the fast path on an interface, without telling of it
 * @dn: the director
 * @dd: the dev
 *
 * Context: process, RTNL, dn->lock.
 */
void dsr_dev_remove(struct dsr_net *dn, struct dsr_dev *dd)
{
	dsr_net_change(dn);
	dsr_dev_detach(dn, dd);
	list_del_rcu(&dd->list);
	kfree_rcu(dd, rcu);
}

/**
 * dsr_dev_del() - leave the fast path on an interface
 * @dn: the director
 * @name: its name
 * @extack: gets the reason of a refusal
 *
 * Context: process, RTNL, dn->lock.
 * Return: 0 or -ENOENT.
 */
int dsr_dev_del(struct dsr_net *dn, const char *name,
		struct netlink_ext_ack *extack)
{
	struct dsr_dev *dd = dsr_dev_find(dn, name);

	if (!dd) {
		NL_SET_ERR_MSG(extack, "no such dev");
		return -ENOENT;
	}
	dsr_nl_dev_event(dn, dd, DSR_CMD_DEV_DEL_NTF);
	dsr_dev_remove(dn, dd);
	return 0;
}

/**
 * dsr_dev_exit() - leave all interfaces of a namespace
 * @dn: the director
 *
 * Context: process, RTNL, dn->lock.
 */
void dsr_dev_exit(struct dsr_net *dn)
{
	struct dsr_dev *dd, *tmp;

	list_for_each_entry_safe(dd, tmp, &dn->devs, list)
		dsr_dev_remove(dn, dd);
}

/* Has an interface that name, as its own or as an alternative one? */
static bool dsr_dev_is(struct dsr_net *dn, const struct dsr_dev *dd,
		       const struct net_device *dev)
{
	return __dev_get_by_name(dn->net, dd->name) == dev;
}

/* An interface by a name of ours came, went or was renamed */
static void dsr_dev_follow(struct dsr_net *dn, struct net_device *dev,
			   unsigned long event)
{
	bool gone = event == NETDEV_UNREGISTER;
	struct dsr_dev *dd;
	int err;

	list_for_each_entry(dd, &dn->devs, list) {
		if (dd->dev == dev && (gone || !dsr_dev_is(dn, dd, dev))) {
			dsr_dev_detach(dn, dd);
			dsr_nl_dev_event(dn, dd, DSR_CMD_DEV_STATE_NTF);
		}
		if (!dd->dev && !gone && dev->type == ARPHRD_ETHER &&
		    dsr_dev_is(dn, dd, dev) && !dsr_dev_of(dn, dev)) {
			err = dsr_dev_attach(dn, dd, dev);
			if (err)
				net_warn_ratelimited("%s: can't hook ingress: %pe\n",
						     dev->name, ERR_PTR(err));
			dsr_nl_dev_event(dn, dd, DSR_CMD_DEV_STATE_NTF);
		}
	}
}

static int dsr_dev_event(struct notifier_block *nb, unsigned long event,
			 void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct dsr_net *dn = dsr_net(dev_net(dev));

	switch (event) {
	case NETDEV_REGISTER:
	case NETDEV_UNREGISTER:
	case NETDEV_CHANGENAME:
	case NETDEV_UP:
	case NETDEV_DOWN:
	case NETDEV_CHANGE:
	case NETDEV_CHANGEADDR:
		break;
	default:
		return NOTIFY_DONE;
	}

	mutex_lock(&dn->lock);
	dsr_dev_follow(dn, dev, event);
	dsr_speak_again(dn, dev);
	dsr_nexthop_dev_event(dn, dev, event);
	mutex_unlock(&dn->lock);
	return NOTIFY_DONE;
}

static struct notifier_block dsr_dev_nb = {
	.notifier_call = dsr_dev_event,
};

/**
 * dsr_dev_module_init() - start to follow interfaces
 *
 * Context: process.
 * Return: 0 or a negative errno.
 */
int dsr_dev_module_init(void)
{
	return register_netdevice_notifier(&dsr_dev_nb);
}

/**
 * dsr_dev_module_exit() - stop to
 *
 * Context: process.
 */
void dsr_dev_module_exit(void)
{
	unregister_netdevice_notifier(&dsr_dev_nb);
}
