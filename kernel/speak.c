// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who speaks for an address of VIPs: the kernel, where the address is one of the
 * director's interfaces'; the module, where it is nobody's; or another host, as
 * long as that claims it. Of several directors the one with the lowest MAC does.
 *
 * Who claims an address that is ours to speak for, and has a higher MAC, is asked
 * first: a director that would speak, too, does not answer, as it is going to
 * yield. Who holds the address does.
 */
#include <linux/etherdevice.h>
#include <linux/inetdevice.h>
#include <linux/slab.h>
#include <net/addrconf.h>
#include <net/route.h>

#include "arp.h"
#include "dev.h"
#include "netlink.h"
#include "nexthop.h"
#include "server.h"
#include "speak.h"
#include "vip.h"

#define DSR_SPEAK_INTERVAL HZ
/* A change waits for others that come with it */
#define DSR_SPEAK_SOON (HZ / 10)
/* An address is announced so often when it begins, and then so often */
#define DSR_SPEAK_TIMES 3
#define DSR_SPEAK_REFRESH (60 * HZ)
/* Addresses that are announced in a second */
#define DSR_SPEAK_BURST 1000
/* Questions without an answer, one a second, until who was asked is gone */
#define DSR_SPEAK_PATIENCE 3
/* Of the servers of an address so many are looked at for one with a MAC */
#define DSR_SPEAK_SERVERS 1024

/* The interface that holds an address, or NULL. Context: RCU. */
static const struct net_device *dsr_speak_holder(struct dsr_net *dn,
						 const struct in6_addr *addr)
{
	if (dsr_is_v4(addr))
		return inet_addr_type(dn->net, dsr_v4(addr)) == RTN_LOCAL ?
		       __ip_dev_find(dn->net, dsr_v4(addr), false) : NULL;
	return ipv6_chk_addr(dn->net, addr, NULL, 0) ?
	       ipv6_dev_find(dn->net, addr, NULL) : NULL;
}

/* Does an interface that holds an address leave it to others to answer for it? */
static bool dsr_speak_is_mute(const struct net_device *holder)
{
	return holder->flags & (IFF_LOOPBACK | IFF_NOARP);
}

/**
 * dsr_speak_owns() - is an address the module's to speak for?
 * @dn: the director
 * @addr: the address, which has VIPs
 *
 * Context: softirq, RCU.
 * Return: false if it is the director's own, or an operator said that others
 *	speak for it.
 */
bool dsr_speak_owns(struct dsr_net *dn, const struct dsr_addr *addr)
{
	return !READ_ONCE(addr->arp_off) && !dsr_speak_holder(dn, &addr->addr);
}

/**
 * dsr_speak_answers() - does the module answer for an address on dev interfaces?
 * @dn: the director
 * @addr: the address, which has VIPs
 *
 * Where it is held by lo, or the like, the kernel's answer is up to settings that
 * were made for real servers, and in IPv6 there is none: ours is always right.
 *
 * Context: RCU.
 * Return: true if it does.
 */
bool dsr_speak_answers(struct dsr_net *dn, const struct dsr_addr *addr)
{
	const struct net_device *holder;

	if (READ_ONCE(addr->arp_off))
		return false;
	holder = dsr_speak_holder(dn, &addr->addr);
	return holder ? dsr_speak_is_mute(holder) : !READ_ONCE(addr->speaker);
}

/**
 * dsr_speak_defers() - is a director's question one that we leave unanswered?
 * @dn: the director
 * @addr: the address that it is about
 * @dev: where it was heard
 * @mac: the MAC of who asks
 *
 * Who asks would speak itself; with the lower MAC it shall.
 *
 * Context: softirq, RCU.
 * Return: true if it is.
 */
bool dsr_speak_defers(struct dsr_net *dn, const struct dsr_addr *addr,
		      const struct net_device *dev, const u8 *mac)
{
	return memcmp(mac, dev->dev_addr, ETH_ALEN) < 0 &&
	       !dsr_speak_holder(dn, &addr->addr);
}

/* --- addresses that others speak for; all under dn->speak_lock --- */

static void dsr_speaker_leave(struct dsr_addr *addr)
{
	struct dsr_speaker *speaker = addr->speaker;

	if (!speaker)
		return;
	WRITE_ONCE(addr->speaker, NULL);
	list_del_init(&addr->yielded);
	if (!list_empty(&speaker->addrs))
		return;
	list_del(&speaker->list);
	kfree(speaker);
}

static bool dsr_speaker_is(const struct dsr_speaker *speaker, const u8 *mac,
			   int ifindex)
{
	return speaker && speaker->ifindex == ifindex &&
	       ether_addr_equal(speaker->mac, mac);
}

static struct dsr_speaker *dsr_speaker_get(struct dsr_net *dn, const u8 *mac,
					   int ifindex)
{
	struct dsr_speaker *speaker;

	list_for_each_entry(speaker, &dn->speakers, list)
		if (dsr_speaker_is(speaker, mac, ifindex))
			return speaker;
	speaker = kzalloc(sizeof(*speaker), GFP_ATOMIC | __GFP_NOWARN);
	if (!speaker)
		return NULL;
	ether_addr_copy(speaker->mac, mac);
	speaker->ifindex = ifindex;
	INIT_LIST_HEAD(&speaker->addrs);
	list_add_tail(&speaker->list, &dn->speakers);
	return speaker;
}

/* An address has another speaker from now on. False for want of memory. */
static bool dsr_speaker_take(struct dsr_net *dn, struct dsr_addr *addr,
			     const u8 *mac, int ifindex)
{
	struct dsr_speaker *speaker = dsr_speaker_get(dn, mac, ifindex);

	if (!speaker)
		return false;
	dsr_speaker_leave(addr);
	WRITE_ONCE(addr->speaker, speaker);
	addr->missed = 0;
	list_add_tail(&addr->yielded, &speaker->addrs);
	return true;
}

/* --- claims --- */

enum dsr_heard {
	DSR_HEARD_KNOWN,	/* who speaks goes on to */
	DSR_HEARD_DOUBT,	/* who claims it is to be asked first */
	DSR_HEARD_YIELD,	/* it is another's from now on */
};

/* A host that is none of ours claims an address that we do not hold */
static enum dsr_heard dsr_speak_hear(struct dsr_net *dn, struct dsr_addr *addr,
				     const struct net_device *dev,
				     const u8 *mac, bool answer)
{
	enum dsr_heard heard = DSR_HEARD_DOUBT;

	spin_lock_bh(&dn->speak_lock);
	if (addr->dead) {
		heard = DSR_HEARD_KNOWN;
	} else if (dsr_speaker_is(addr->speaker, mac, dev->ifindex)) {
		addr->speaker->asked = false;
		addr->speaker->unanswered = 0;
		addr->missed = 0;
		heard = DSR_HEARD_KNOWN;
	} else if (addr->speaker || answer ||
		   memcmp(mac, dev->dev_addr, ETH_ALEN) < 0) {
		if (dsr_speaker_take(dn, addr, mac, dev->ifindex))
			heard = DSR_HEARD_YIELD;
	}
	spin_unlock_bh(&dn->speak_lock);
	return heard;
}

static bool dsr_speak_own_mac(struct dsr_net *dn, const u8 *mac)
{
	const struct net_device *dev;

	for_each_netdev_rcu(dn->net, dev)
		if (dev->addr_len == ETH_ALEN &&
		    ether_addr_equal(dev->dev_addr, mac))
			return true;
	return false;
}

/* Is a MAC that of one of a VIP's servers? As far as the budget goes */
static bool dsr_speak_vip_has(const struct dsr_vip *vip, const u8 *mac,
			      unsigned int *budget)
{
	const struct dsr_server *server;

	list_for_each_entry_rcu(server, &vip->servers, list) {
		if (!*budget)
			return false;
		--*budget;
		if (dsr_nexthop_has(rcu_dereference(server->nexthop), mac))
			return true;
	}
	return false;
}

/* Is a MAC that of a server of the VIPs at an address? */
static bool dsr_speak_is_server(struct dsr_net *dn, const struct dsr_addr *addr,
				const u8 *mac)
{
	const struct dsr_services *services = rcu_dereference(addr->services);
	unsigned int i, budget = DSR_SPEAK_SERVERS;
	const struct dsr_vip *vip;

	if (!services || !dsr_nexthop_knows(dn, mac))
		return false;
	for (i = 0; i < services->n && budget; i++) {
		budget--;
		vip = READ_ONCE(services->service[i].vip);
		if (vip && dsr_speak_vip_has(vip, mac, &budget))
			return true;
	}
	return false;
}

static void dsr_speak_tell(struct dsr_net *dn, const struct net_device *dev,
			   const struct in6_addr *vip, const u8 *mac, u8 kind)
{
	if (__ratelimit(&dn->arp_limit))
		dsr_nl_arp_event(dn, dev, vip, mac, kind);
}

/**
 * dsr_speak_claim() - somebody says that an address is his
 * @dn: the director
 * @dev: where it was heard
 * @vip: the address, which may be none of ours
 * @mac: his MAC
 * @answer: he was asked
 *
 * If it is a VIP's, then either he takes its packets away from us, or we take
 * them from him. Where others are to speak for a VIP, a claim is news only if the
 * address is also ours. One of the VIP's own servers claims nothing: it leaks.
 *
 * Context: softirq, RCU.
 */
void dsr_speak_claim(struct dsr_net *dn, struct net_device *dev,
		     const struct in6_addr *vip, const u8 *mac, bool answer)
{
	struct dsr_addr *addr = dsr_addr_find(dn, vip);
	enum dsr_heard heard = DSR_HEARD_DOUBT;
	bool held;

	if (likely(!addr) || !is_valid_ether_addr(mac))
		return;
	held = dsr_speak_holder(dn, vip);
	if ((READ_ONCE(addr->arp_off) && !held) || dsr_speak_own_mac(dn, mac))
		return;
	if (dsr_speak_is_server(dn, addr, mac)) {
		dsr_speak_tell(dn, dev, vip, mac, DSR_CLAIM_LEAK);
		return;
	}
	if (!held)
		heard = dsr_speak_hear(dn, addr, dev, mac, answer);
	if (heard == DSR_HEARD_KNOWN)
		return;
	atomic_inc(&dn->arp_foreign);
	dsr_speak_tell(dn, dev, vip, mac, DSR_CLAIM_FOREIGN);
	if (heard == DSR_HEARD_YIELD) {
		dsr_speak_tell(dn, dev, vip, mac, DSR_CLAIM_YIELDED);
	} else {
		/* what was said meanwhile has gone to others, too */
		WRITE_ONCE(addr->announce, max_t(u8, READ_ONCE(addr->announce), 1));
		if (!held)
			dsr_arp_ask(dev, vip, mac);
	}
}

/* --- once a second --- */

static void dsr_speaker_resume(struct dsr_addr *addr)
{
	addr->resumes = true;
	dsr_speaker_leave(addr);
}

/* It is gone, and so is every address that it spoke for */
static void dsr_speaker_end(struct dsr_speaker *speaker)
{
	bool last;

	do {
		last = list_is_singular(&speaker->addrs);
		dsr_speaker_resume(list_first_entry(&speaker->addrs,
						    struct dsr_addr, yielded));
	} while (!last);
}

/*
 * Who has left the last question unanswered may be gone, or may have given up the
 * one address: others are asked about in between.
 */
static void dsr_speaker_judge(struct dsr_speaker *speaker)
{
	struct dsr_addr *addr = list_first_entry(&speaker->addrs,
						 struct dsr_addr, yielded);

	if (!speaker->asked) {
		list_move_tail(&addr->yielded, &speaker->addrs);
		return;
	}
	addr->missed++;
	if (++speaker->unanswered >= DSR_SPEAK_PATIENCE)
		dsr_speaker_end(speaker);
	else if (addr->missed >= DSR_SPEAK_PATIENCE)
		dsr_speaker_resume(addr);
	else if (!list_is_singular(&speaker->addrs))
		list_move(&addr->yielded, addr->yielded.next);
}

static void dsr_speaker_ask(struct dsr_net *dn, struct dsr_speaker *speaker)
{
	struct dsr_addr *addr = list_first_entry(&speaker->addrs,
						 struct dsr_addr, yielded);
	struct net_device *dev;

	speaker->asked = true;
	rcu_read_lock();
	dev = dev_get_by_index_rcu(dn->net, speaker->ifindex);
	if (dev)
		dsr_arp_ask(dev, &addr->addr, speaker->mac);
	rcu_read_unlock();
}

/* One question for each host, however many addresses it speaks for */
static void dsr_speak_ask(struct dsr_net *dn)
{
	struct dsr_speaker *speaker, *tmp;

	spin_lock_bh(&dn->speak_lock);
	list_for_each_entry_safe(speaker, tmp, &dn->speakers, list)
		dsr_speaker_judge(speaker);
	list_for_each_entry(speaker, &dn->speakers, list)
		dsr_speaker_ask(dn, speaker);
	spin_unlock_bh(&dn->speak_lock);
}

/* Where frames of a dev interface come from: of a cable of a bond, the bond */
static struct net_device *dsr_speak_by(const struct dsr_dev *dd)
{
	struct net_device *dev = READ_ONCE(dd->dev);

	if (!dev || netif_is_bridge_port(dev))
		return NULL;
	if (netif_is_lag_port(dev))
		dev = netdev_master_upper_dev_get_rcu(dev);
	return dev && netif_running(dev) && netif_carrier_ok(dev) ? dev : NULL;
}

/* To begin with all are asked, and told from the next time on */
static void dsr_speak_say(struct dsr_net *dn, struct dsr_addr *addr)
{
	bool ask = addr->announce > DSR_SPEAK_TIMES;
	struct net_device *dev;
	struct dsr_dev *dd;

	rcu_read_lock();
	list_for_each_entry_rcu(dd, &dn->devs, list) {
		dev = dsr_speak_by(dd);
		if (dev && ask)
			dsr_arp_ask(dev, &addr->addr, NULL);
		else if (dev)
			dsr_arp_announce(dev, &addr->addr);
	}
	rcu_read_unlock();
	if (addr->announce)
		WRITE_ONCE(addr->announce, addr->announce - 1);
	addr->announced = jiffies;
}

static bool dsr_speak_due(const struct dsr_addr *addr)
{
	unsigned long wait = addr->announce ? DSR_SPEAK_INTERVAL * 3 / 4 :
					      DSR_SPEAK_REFRESH;

	return time_after_eq(jiffies, addr->announced + wait);
}

/* Does the module speak for it now? If that begins, it is to be announced */
static bool dsr_speak_judge(struct dsr_net *dn, struct dsr_addr *addr, bool again)
{
	bool speaks, mine;

	rcu_read_lock();
	speaks = rcu_access_pointer(addr->services) &&
		 dsr_speak_answers(dn, addr);
	mine = dsr_speak_owns(dn, addr);
	rcu_read_unlock();

	spin_lock_bh(&dn->speak_lock);
	/* nobody is asked about what is not ours to speak for */
	if (!mine)
		dsr_speaker_leave(addr);
	spin_unlock_bh(&dn->speak_lock);

	if (speaks && !addr->speaking) {
		addr->announced = jiffies - DSR_SPEAK_REFRESH;
		addr->announce = DSR_SPEAK_TIMES + !addr->resumes;
		if (addr->resumes)
			dsr_nl_arp_event(dn, NULL, &addr->addr, NULL,
					 DSR_CLAIM_RESUMED);
	} else if (speaks && again) {
		addr->announce = DSR_SPEAK_TIMES;
	}
	addr->resumes = false;
	addr->speaking = speaks;
	return speaks;
}

static void dsr_speak_all(struct dsr_net *dn)
{
	struct dsr_addr *addr, *first = NULL;
	unsigned int said = 0;
	bool again = dn->speak_again;

	dn->speak_again = false;
	list_for_each_entry(addr, &dn->addr_list, list) {
		if (dsr_speak_judge(dn, addr, again) && dsr_speak_due(addr)) {
			if (said++ < DSR_SPEAK_BURST)
				dsr_speak_say(dn, addr);
			else if (!first)
				first = addr;
		}
		cond_resched();
	}
	/* whose turn did not come is first in the next second */
	if (first)
		list_rotate_to_front(&first->list, &dn->addr_list);
}

/**
 * dsr_speak_work() - look who speaks, ask those who do, announce what is ours
 * @work: dsr_net->speak_work
 *
 * Context: process.
 */
void dsr_speak_work(struct work_struct *work)
{
	struct dsr_net *dn = container_of(to_delayed_work(work),
					  struct dsr_net, speak_work);

	mutex_lock(&dn->lock);
	if (time_after_eq(jiffies, dn->speak_asked + DSR_SPEAK_INTERVAL * 3 / 4)) {
		dn->speak_asked = jiffies;
		dsr_speak_ask(dn);
	}
	dsr_speak_all(dn);
	if (!list_empty(&dn->devs) && !list_empty(&dn->addr_list))
		queue_delayed_work(dsr_wq, &dn->speak_work, DSR_SPEAK_INTERVAL);
	mutex_unlock(&dn->lock);
}

/**
 * dsr_speak_look() - addresses or interfaces came: look who speaks for them
 * @dn: the director
 *
 * Context: process, dn->lock.
 */
void dsr_speak_look(struct dsr_net *dn)
{
	if (!list_empty(&dn->devs) && !list_empty(&dn->addr_list))
		mod_delayed_work(dsr_wq, &dn->speak_work, DSR_SPEAK_SOON);
}

/**
 * dsr_speak_again() - an interface has changed: what is said there is to be said
 *	anew, if it is a dev
 * @dn: the director
 * @dev: the interface
 *
 * Context: process, dn->lock.
 */
void dsr_speak_again(struct dsr_net *dn, const struct net_device *dev)
{
	if (!dsr_dev_of(dn, dev))
		return;
	dn->speak_again = true;
	dsr_speak_look(dn);
}

/**
 * dsr_speak_forget() - an address is ours no more
 * @dn: the director
 * @addr: the address
 *
 * Context: process, dn->lock.
 */
void dsr_speak_forget(struct dsr_net *dn, struct dsr_addr *addr)
{
	spin_lock_bh(&dn->speak_lock);
	addr->dead = true;
	dsr_speaker_leave(addr);
	spin_unlock_bh(&dn->speak_lock);
}

/**
 * dsr_speak_state() - who speaks for an address?
 * @dn: the director
 * @addr: the address
 * @mac: set with DSR_SPEAKS_OTHER to the other host's
 * @ifindex: likewise, to where it was heard
 *
 * Context: RCU.
 * Return: enum dsr_speaks.
 */
u8 dsr_speak_state(struct dsr_net *dn, struct dsr_addr *addr, u8 *mac,
		   int *ifindex)
{
	const struct net_device *holder = dsr_speak_holder(dn, &addr->addr);
	u8 state = DSR_SPEAKS_MODULE;

	if (holder && (READ_ONCE(addr->arp_off) || !dsr_speak_is_mute(holder)))
		return DSR_SPEAKS_KERNEL;
	if (READ_ONCE(addr->arp_off))
		return DSR_SPEAKS_OFF;
	if (list_empty(&dn->devs))
		return holder ? DSR_SPEAKS_KERNEL : DSR_SPEAKS_NOBODY;
	spin_lock_bh(&dn->speak_lock);
	if (addr->speaker && !holder) {
		ether_addr_copy(mac, addr->speaker->mac);
		*ifindex = addr->speaker->ifindex;
		state = DSR_SPEAKS_OTHER;
	}
	spin_unlock_bh(&dn->speak_lock);
	return state;
}
