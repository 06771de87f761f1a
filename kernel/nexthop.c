// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where servers are on layer 2: which interface, which MAC. Follows routes,
 * interfaces and the kernel's neighbour table, and keeps the latter warm.
 *
 * All is looked at once a second, and at once when the kernel tells of a
 * change. Looking again is cheap and forgets nothing; events alone would.
 */
#include <linux/etherdevice.h>
#include <linux/hash.h>
#include <linux/hashtable.h>
#include <linux/inetdevice.h>
#include <linux/jhash.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <net/arp.h>
#include <net/ip6_route.h>
#include <net/ndisc.h>
#include <net/netevent.h>
#include <net/route.h>

#include "netlink.h"
#include "nexthop.h"
#include "sched.h"
#include "server.h"
#include "vip.h"

#define DSR_NEXTHOP_INTERVAL HZ
/* Questions of our own without an answer, one a second, until it is down */
#define DSR_NEXTHOP_PATIENCE 5

/*
 * struct dsr_nexthop by address, of all namespaces: so a neighbour's event may
 * look into it at any time. Changed under the lock, which nests inside dn->lock;
 * read under RCU.
 */
static DEFINE_HASHTABLE(dsr_nexthop_hash, 12);
static DEFINE_SPINLOCK(dsr_nexthop_hash_lock);

static u32 dsr_nexthop_key(const struct dsr_net *dn,
			   const struct in6_addr *addr)
{
	return jhash(addr, sizeof(*addr), net_hash_mix(dn->net));
}

static unsigned int dsr_mac_bucket(const u8 *mac)
{
	u32 low;

	/* what comes before names the vendor */
	memcpy(&low, mac + 2, sizeof(low));
	return hash_32(low, 6);
}

static void dsr_path_free(struct rcu_head *rcu)
{
	struct dsr_path *path = container_of(rcu, struct dsr_path, rcu);

	if (path->neigh)
		neigh_release(path->neigh);
	netdev_put(path->dev, &path->tracker);
	kfree(path);
}

static struct net_device *dsr_route4(struct net *net, __be32 addr, u8 *why)
{
	struct flowi4 fl4 = { .daddr = addr };
	struct net_device *dev;
	struct rtable *rt;

	rt = ip_route_output_key(net, &fl4);
	if (IS_ERR(rt)) {
		*why = DSR_WHY_NO_ROUTE;
		return NULL;
	}
	dev = rt->dst.dev;
	if (rt->rt_type == RTN_LOCAL)
		*why = DSR_WHY_LOCAL;
	else if (rt->rt_type != RTN_UNICAST)
		*why = DSR_WHY_NO_ROUTE;
	else if (rt->rt_gw_family)
		*why = DSR_WHY_OFF_LINK;
	dev_hold(dev);
	ip_rt_put(rt);
	return dev;
}

static struct net_device *dsr_route6(struct net *net,
				     const struct in6_addr *addr, u8 *why)
{
	struct flowi6 fl6 = { .daddr = *addr };
	struct net_device *dev;
	struct rt6_info *rt;

	rt = (struct rt6_info *)ip6_route_output(net, NULL, &fl6);
	if (rt->dst.error) {
		*why = DSR_WHY_NO_ROUTE;
		dst_release(&rt->dst);
		return NULL;
	}
	dev = rt->dst.dev;
	if (rt->rt6i_flags & RTF_LOCAL)
		*why = DSR_WHY_LOCAL;
	else if (rt->rt6i_flags & RTF_GATEWAY)
		*why = DSR_WHY_OFF_LINK;
	dev_hold(dev);
	dst_release(&rt->dst);
	return dev;
}

/* The interface to a next hop, held; or NULL and why there is none */
static struct net_device *dsr_nexthop_dev(const struct dsr_nexthop *nexthop,
					  u8 *why)
{
	struct net *net = nexthop->dn->net;
	struct net_device *dev;

	*why = DSR_WHY_NONE;
	if (nexthop->pin.ifname[0]) {
		dev = dev_get_by_name(net, nexthop->pin.ifname);
		if (!dev)
			*why = DSR_WHY_NO_DEVICE;
	} else if (dsr_is_v4(&nexthop->addr)) {
		dev = dsr_route4(net, dsr_v4(&nexthop->addr), why);
	} else {
		dev = dsr_route6(net, &nexthop->addr, why);
	}

	/* a device on its way out has sent its last notification */
	if (dev && !*why && dev->reg_state != NETREG_REGISTERED)
		*why = DSR_WHY_NO_DEVICE;
	else if (dev && !*why && !netif_running(dev))
		*why = DSR_WHY_DEVICE_DOWN;
	else if (dev && !*why && !netif_carrier_ok(dev))
		*why = DSR_WHY_DEVICE_DOWN;
	else if (dev && !*why && (dev->type != ARPHRD_ETHER ||
				  dev->addr_len != ETH_ALEN))
		*why = DSR_WHY_NO_ETHERNET;
	if (dev && *why) {
		dev_put(dev);
		dev = NULL;
	}
	return dev;
}

static struct neighbour *dsr_nexthop_neigh(const struct dsr_nexthop *nexthop,
					   struct net_device *dev)
{
	const void *key = &nexthop->addr;
	struct neigh_table *tbl = &nd_tbl;
	struct neighbour *neigh;

	if (dsr_is_v4(&nexthop->addr)) {
		key = &nexthop->addr.s6_addr32[3];
		tbl = &arp_tbl;
	}
	neigh = neigh_lookup(tbl, key, dev);
	return neigh ?: neigh_create(tbl, key, dev);
}

/*
 * The kernel asks with the address of its choice for the segment. Where an
 * operator gave a VIP a whole net as its mask that may be the VIP, which the
 * server takes for its own and does not answer.
 */
static bool dsr_nexthop_asks_as_vip(const struct dsr_nexthop *nexthop,
				    const struct net_device *dev)
{
	struct dsr_net *dn = nexthop->dn;
	struct in6_addr source;
	bool is_vip;

	if (!dsr_is_v4(&nexthop->addr))
		return false;	/* solicitations have a link-local source */
	ipv6_addr_set_v4mapped(inet_select_addr(dev, dsr_v4(&nexthop->addr),
						RT_SCOPE_LINK), &source);
	rcu_read_lock();
	is_vip = dsr_addr_find(dn, &source);
	rcu_read_unlock();
	return is_vip;
}

/*
 * Keeps a neighbour entry warm; by ourselves, as nobody (RFC 5227), where the
 * kernel would ask as the VIP. False if nobody answers.
 */
static bool dsr_nexthop_ask(struct dsr_nexthop *nexthop,
			    struct neighbour *neigh, bool as_nobody)
{
	/* before we ask: asking makes a failed entry an incomplete one */
	u8 state = READ_ONCE(neigh->nud_state);

	if (state & NUD_CONNECTED) {
		nexthop->unanswered = 0;
		return true;
	}
	if (!as_nobody) {
		neigh_event_send(neigh, NULL);
		return !(state & NUD_FAILED);
	}
	if (!nexthop->unanswered ||
	    time_after_eq(jiffies, nexthop->asked + DSR_NEXTHOP_INTERVAL)) {
		arp_send(ARPOP_REQUEST, ETH_P_ARP, dsr_v4(&nexthop->addr),
			 neigh->dev, 0, NULL, neigh->dev->dev_addr, NULL);
		nexthop->asked = jiffies;
		nexthop->unanswered = min(nexthop->unanswered + 1, 255);
	}
	return nexthop->unanswered <= DSR_NEXTHOP_PATIENCE;
}

/* Fills in the MAC. False if there is none, and why; NONE: it is to come */
static bool dsr_path_resolve(struct dsr_path *path,
			     struct dsr_nexthop *nexthop,
			     struct net_device *dev, u8 *why)
{
	struct ethhdr *eth = (struct ethhdr *)path->header;
	bool as_nobody, answers;

	if (!is_zero_ether_addr(nexthop->pin.mac)) {
		ether_addr_copy(eth->h_dest, nexthop->pin.mac);
		path->ready = true;
		return true;
	}

	path->neigh = dsr_nexthop_neigh(nexthop, dev);
	if (IS_ERR(path->neigh)) {
		path->neigh = NULL;
		*why = DSR_WHY_NO_MEMORY;
		return false;
	}
	as_nobody = dsr_nexthop_asks_as_vip(nexthop, dev);
	answers = dsr_nexthop_ask(nexthop, path->neigh, as_nobody);
	path->ready = READ_ONCE(path->neigh->nud_state) & NUD_VALID;
	/* once it failed, it is down until it answers */
	if (!answers || (!path->ready && nexthop->state == DSR_SERVER_DOWN)) {
		*why = DSR_WHY_NO_NEIGHBOUR;
		return false;
	}
	neigh_ha_snapshot(eth->h_dest, path->neigh, dev);
	/* packets that wait with the kernel make it ask */
	return path->ready || !as_nobody;
}

/*
 * What a path on dev would look like now; or NULL and why there is none. NONE:
 * it is to come, but packets can't wait for it.
 */
static struct dsr_path *dsr_path_make(struct dsr_nexthop *nexthop,
				      struct net_device *dev, u8 *why)
{
	struct dsr_path *path;
	struct ethhdr *eth;

	path = kzalloc(sizeof(*path), GFP_KERNEL);
	if (!path) {
		*why = DSR_WHY_NO_MEMORY;
		return NULL;
	}
	if (!dsr_path_resolve(path, nexthop, dev, why)) {
		if (path->neigh)
			neigh_release(path->neigh);
		kfree(path);
		return NULL;
	}

	eth = (struct ethhdr *)path->header;
	ether_addr_copy(eth->h_source, dev->dev_addr);
	eth->h_proto = htons(dsr_is_v4(&nexthop->addr) ? ETH_P_IP : ETH_P_IPV6);
	path->dev = dev;
	netdev_hold(dev, &path->tracker, GFP_KERNEL);
	return path;
}

static bool dsr_path_same(const struct dsr_path *a, const struct dsr_path *b)
{
	if (!a || !b)
		return a == b;
	return a->dev == b->dev && a->neigh == b->neigh &&
	       a->ready == b->ready &&
	       (!a->ready || !memcmp(a->header, b->header, ETH_HLEN));
}

static void dsr_nexthop_set_path(struct dsr_nexthop *nexthop,
				 struct dsr_path *path)
{
	struct dsr_net *dn = nexthop->dn;
	struct dsr_path *old;

	hlist_del_init_rcu(&nexthop->mac_node);
	old = rcu_replace_pointer(nexthop->path, path,
				  lockdep_is_held(&dn->lock));
	if (path && path->ready)
		hlist_add_head_rcu(&nexthop->mac_node,
				   &dn->macs[dsr_mac_bucket(path->header)]);
	if (old)
		call_rcu(&old->rcu, dsr_path_free);
}

/* Looks where the next hop is now. True if that changed. */
static bool dsr_nexthop_look(struct dsr_nexthop *nexthop)
{
	struct dsr_path *old, *path = NULL;
	u8 why, state = DSR_SERVER_DOWN;
	struct net_device *dev;

	lockdep_assert_held(&nexthop->dn->lock);

	dev = dsr_nexthop_dev(nexthop, &why);
	if (dev) {
		path = dsr_path_make(nexthop, dev, &why);
		dev_put(dev);
	}
	if (path && path->ready)
		state = DSR_SERVER_UP;
	else if (why == DSR_WHY_NONE)
		state = DSR_SERVER_RESOLVING;

	old = rcu_dereference_protected(nexthop->path,
					lockdep_is_held(&nexthop->dn->lock));
	/* a way that works is not given up for want of memory to confirm it */
	if (why == DSR_WHY_NO_MEMORY && old && old->dev == dev)
		return false;
	if (dsr_path_same(old, path) && nexthop->state == state &&
	    nexthop->why == why) {
		if (path)
			dsr_path_free(&path->rcu);
		return false;
	}
	WRITE_ONCE(nexthop->state, state);
	WRITE_ONCE(nexthop->why, why);
	if (dsr_path_same(old, path) && path)
		dsr_path_free(&path->rcu);
	else
		dsr_nexthop_set_path(nexthop, path);
	return true;
}

/* Looks where it is now, and lets its servers know */
static void dsr_nexthop_follow(struct dsr_nexthop *nexthop)
{
	struct dsr_server *server;

	if (!dsr_nexthop_look(nexthop))
		return;
	nexthop->changed = true;
	list_for_each_entry(server, &nexthop->servers, sibling)
		dsr_server_follow(server);
}

/*
 * Lets VIPs choose from those that are left, and then users know. Each pool is
 * built once, however many of its servers went or came at a time. Also those
 * whose building failed for want of memory are tried again.
 */
static void dsr_nexthop_settle(struct dsr_net *dn)
{
	struct dsr_nexthop *nexthop;
	struct dsr_server *server;
	struct dsr_vip *vip, *tmp;

	list_for_each_entry_safe(vip, tmp, &dn->stale, stale) {
		dsr_sched_rebuild(vip);
		cond_resched();
	}
	list_for_each_entry(nexthop, &dn->nexthops, list) {
		if (!nexthop->changed)
			continue;
		nexthop->changed = false;
		list_for_each_entry(server, &nexthop->servers, sibling)
			dsr_nl_server_event(server, DSR_CMD_SERVER_STATE_NTF);
		cond_resched();
	}
}

/**
 * dsr_nexthop_work() - look where the next hops are
 * @work: dsr_net->nexthop_work
 *
 * Context: process.
 */
void dsr_nexthop_work(struct work_struct *work)
{
	struct dsr_net *dn = container_of(to_delayed_work(work),
					  struct dsr_net, nexthop_work);
	struct dsr_nexthop *nexthop;

	mutex_lock(&dn->lock);
	list_for_each_entry(nexthop, &dn->nexthops, list) {
		dsr_nexthop_follow(nexthop);
		cond_resched();
	}
	dsr_nexthop_settle(dn);
	if (!list_empty(&dn->nexthops))
		queue_delayed_work(dsr_wq, &dn->nexthop_work,
				   DSR_NEXTHOP_INTERVAL);
	mutex_unlock(&dn->lock);
}

/* dn->lock keeps what is found, as it is of the same namespace */
static struct dsr_nexthop *dsr_nexthop_find(const struct dsr_net *dn,
					    const struct in6_addr *addr,
					    const struct dsr_pin *pin)
{
	struct dsr_nexthop *nexthop;

	rcu_read_lock();
	hash_for_each_possible_rcu(dsr_nexthop_hash, nexthop, node,
				   dsr_nexthop_key(dn, addr))
		if (nexthop->dn == dn && ipv6_addr_equal(&nexthop->addr, addr) &&
		    ether_addr_equal(nexthop->pin.mac, pin->mac) &&
		    !strcmp(nexthop->pin.ifname, pin->ifname))
			break;
	rcu_read_unlock();
	return nexthop;
}

/**
 * dsr_nexthop_get() - the next hop of an address
 * @dn: the director
 * @addr: a server's address
 * @pin: what the operator fixed
 *
 * The caller puts a server on its list, or calls dsr_nexthop_release().
 *
 * Context: process, dn->lock.
 * Return: the next hop, or -ENOMEM.
 */
struct dsr_nexthop *dsr_nexthop_get(struct dsr_net *dn,
				    const struct in6_addr *addr,
				    const struct dsr_pin *pin)
{
	struct dsr_nexthop *nexthop;

	lockdep_assert_held(&dn->lock);

	nexthop = dsr_nexthop_find(dn, addr, pin);
	if (nexthop)
		return nexthop;
	nexthop = kzalloc(sizeof(*nexthop), GFP_KERNEL);
	if (!nexthop)
		return ERR_PTR(-ENOMEM);
	nexthop->addr = *addr;
	nexthop->pin = *pin;
	nexthop->dn = dn;
	nexthop->state = DSR_SERVER_RESOLVING;
	INIT_LIST_HEAD(&nexthop->servers);
	INIT_HLIST_NODE(&nexthop->mac_node);
	dsr_nexthop_look(nexthop);

	list_add_tail(&nexthop->list, &dn->nexthops);
	spin_lock(&dsr_nexthop_hash_lock);
	hash_add_rcu(dsr_nexthop_hash, &nexthop->node,
		     dsr_nexthop_key(dn, addr));
	spin_unlock(&dsr_nexthop_hash_lock);
	queue_delayed_work(dsr_wq, &dn->nexthop_work, DSR_NEXTHOP_INTERVAL);
	return nexthop;
}

static void dsr_nexthop_free(struct rcu_head *rcu)
{
	struct dsr_nexthop *nexthop = container_of(rcu, struct dsr_nexthop,
						   rcu);
	struct dsr_path *path = rcu_dereference_protected(nexthop->path, true);

	if (path)
		dsr_path_free(&path->rcu);
	kfree(nexthop);
}

/**
 * dsr_nexthop_release() - free a next hop if no server uses it
 * @nexthop: the next hop
 *
 * Its path stays until then, for packets that chose a server just before that
 * was removed.
 *
 * Context: process, dn->lock.
 */
void dsr_nexthop_release(struct dsr_nexthop *nexthop)
{
	lockdep_assert_held(&nexthop->dn->lock);

	if (!list_empty(&nexthop->servers) || nexthop->held)
		return;
	hlist_del_init_rcu(&nexthop->mac_node);
	list_del(&nexthop->list);
	spin_lock(&dsr_nexthop_hash_lock);
	hash_del_rcu(&nexthop->node);
	spin_unlock(&dsr_nexthop_hash_lock);
	call_rcu(&nexthop->rcu, dsr_nexthop_free);
}

/**
 * dsr_nexthop_sender() - the server of a VIP that has a MAC
 * @vip: the VIP
 * @mac: a frame's source
 *
 * Context: RCU.
 * Return: the server, or NULL.
 */
struct dsr_server *dsr_nexthop_sender(const struct dsr_vip *vip, const u8 *mac)
{
	const struct dsr_nexthop *nexthop;
	struct dsr_server *server;

	hlist_for_each_entry_rcu(nexthop, &vip->dn->macs[dsr_mac_bucket(mac)],
				 mac_node) {
		if (!dsr_nexthop_has(nexthop, mac))
			continue;
		list_for_each_entry_rcu(server, &vip->servers, list)
			if (rcu_access_pointer(server->nexthop) == nexthop)
				return server;
	}
	return NULL;
}

/**
 * dsr_nexthop_knows() - is a MAC any server's?
 * @dn: the director
 * @mac: the MAC
 *
 * Context: RCU.
 * Return: true if it is in use.
 */
bool dsr_nexthop_knows(const struct dsr_net *dn, const u8 *mac)
{
	const struct dsr_nexthop *nexthop;

	hlist_for_each_entry_rcu(nexthop, &dn->macs[dsr_mac_bucket(mac)],
				 mac_node)
		if (dsr_nexthop_has(nexthop, mac))
			return true;
	return false;
}

/**
 * dsr_nexthop_dev_event() - an interface changed
 * @dn: the director
 * @dev: the interface
 * @event: NETDEV_*
 *
 * Context: process, RTNL and dn->lock.
 */
void dsr_nexthop_dev_event(struct dsr_net *dn, const struct net_device *dev,
			   unsigned long event)
{
	struct dsr_nexthop *nexthop;
	struct dsr_path *path;

	lockdep_assert_held(&dn->lock);

	list_for_each_entry(nexthop, &dn->nexthops, list) {
		path = rcu_dereference_protected(nexthop->path,
						 lockdep_is_held(&dn->lock));
		/* it waits for us to let go, and routes by it are gone */
		if (event == NETDEV_UNREGISTER && path && path->dev == dev)
			dsr_nexthop_follow(nexthop);
	}
	if (event == NETDEV_UNREGISTER)
		dsr_nexthop_settle(dn);
	if (!list_empty(&dn->nexthops))
		mod_delayed_work(dsr_wq, &dn->nexthop_work, 0);
}

static bool dsr_nexthop_has_addr(const struct dsr_net *dn,
				 const struct in6_addr *addr)
{
	const struct dsr_nexthop *nexthop;

	hash_for_each_possible_rcu(dsr_nexthop_hash, nexthop, node,
				   dsr_nexthop_key(dn, addr))
		if (nexthop->dn == dn && ipv6_addr_equal(&nexthop->addr, addr))
			return true;
	return false;
}

/* The neighbour table changed. May be called in softirq, with its lock held */
static int dsr_netevent(struct notifier_block *nb, unsigned long event,
			void *ptr)
{
	const struct neighbour *neigh = ptr;
	struct in6_addr addr;
	struct dsr_net *dn;

	if (event != NETEVENT_NEIGH_UPDATE)
		return NOTIFY_DONE;
	if (neigh->tbl == &arp_tbl)
		ipv6_addr_set_v4mapped(*(__be32 *)neigh->primary_key, &addr);
	else if (neigh->tbl == &nd_tbl)
		memcpy(&addr, neigh->primary_key, sizeof(addr));
	else
		return NOTIFY_DONE;

	dn = dsr_net(dev_net(neigh->dev));
	rcu_read_lock();
	if (dsr_nexthop_has_addr(dn, &addr))
		mod_delayed_work(dsr_wq, &dn->nexthop_work, 0);
	rcu_read_unlock();
	return NOTIFY_DONE;
}

static struct notifier_block dsr_netevent_nb = {
	.notifier_call = dsr_netevent,
};

/**
 * dsr_nexthop_module_init() - start to listen to the neighbour tables
 *
 * Context: process.
 * Return: 0.
 */
int dsr_nexthop_module_init(void)
{
	return register_netevent_notifier(&dsr_netevent_nb);
}

/**
 * dsr_nexthop_module_exit() - stop to
 *
 * Context: process.
 */
void dsr_nexthop_module_exit(void)
{
	unregister_netevent_notifier(&dsr_netevent_nb);
}
