// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fragments: all of a datagram go where the one with the ports goes. Those that
 * come before it wait for it; nothing is reassembled.
 */
#include <linux/jhash.h>
#include <linux/slab.h>

#include "drop.h"
#include "flow.h"
#include "frag.h"
#include "server.h"

/* Datagrams that are remembered at a time, and fragments that wait in all */
#define DSR_FRAG_MAX 8192
#define DSR_FRAG_HELD_MAX 4096
/* Fragments of one datagram that wait: 64 KiB in pieces of 1280 bytes */
#define DSR_FRAG_HELD_EACH 52
/* Seconds that a datagram is remembered. Its parts come back to back. */
#define DSR_FRAG_TIMEOUT 2

static const struct rhashtable_params dsr_frag_params = {
	.head_offset = offsetof(struct dsr_frag, node),
	.key_offset = offsetof(struct dsr_frag, key),
	.key_len = sizeof(struct dsr_frag_key),
	.max_size = 2 * DSR_FRAG_MAX,
	.automatic_shrinking = true,
};

static void dsr_frag_key_of(struct dsr_frag_key *key,
			    const struct dsr_packet *pkt)
{
	key->client = pkt->client;
	key->vip = pkt->vip;
	key->id = pkt->id;
	key->proto = pkt->proto;
}

/* The entry of a packet's datagram, made where there is none; or NULL */
static struct dsr_frag *dsr_frag_get(struct dsr_net *dn,
				     const struct dsr_packet *pkt)
{
	struct dsr_frag *frag, *old;
	struct dsr_frag_key key;

	dsr_frag_key_of(&key, pkt);
	frag = rhashtable_lookup(&dn->frags, &key, dsr_frag_params);
	if (frag)
		return frag;
	if (atomic_read(&dn->frags.nelems) >= DSR_FRAG_MAX)
		return NULL;

	frag = kzalloc(sizeof(*frag), GFP_ATOMIC | __GFP_NOWARN);
	if (!frag)
		return NULL;
	frag->key = key;
	frag->born = dsr_flow_now();
	spin_lock_init(&frag->lock);
	__skb_queue_head_init(&frag->held);

	old = rhashtable_lookup_get_insert_fast(&dn->frags, &frag->node,
						dsr_frag_params);
	if (old) {
		kfree(frag);
		return IS_ERR(old) ? NULL : old;
	}
	queue_delayed_work(dsr_wq, &dn->frag_work, HZ);
	return frag;
}

/* Those that wait do so no longer: they are added to held */
static void dsr_frag_release(struct dsr_net *dn, struct dsr_frag *frag,
			     struct sk_buff_head *held)
{
	lockdep_assert_held(&frag->lock);

	atomic_sub(skb_queue_len(&frag->held), &dn->frags_held);
	skb_queue_splice_init(&frag->held, held);
}

/* What still waits has waited in vain */
static void dsr_frag_end(struct dsr_net *dn, struct dsr_frag *frag)
{
	struct dsr_server *server;
	struct sk_buff_head held;
	struct sk_buff *skb;

	__skb_queue_head_init(&held);
	spin_lock_bh(&frag->lock);
	frag->dead = true;
	server = frag->server;
	frag->server = NULL;
	dsr_frag_release(dn, frag, &held);
	spin_unlock_bh(&frag->lock);

	if (server)
		dsr_server_put(server);
	while ((skb = __skb_dequeue(&held)))
		dsr_drop(dn, skb, DSR_DROP_FRAGMENT);
}

/* Of two that forget an entry at once, one frees it */
static void dsr_frag_forget(struct dsr_net *dn, struct dsr_frag *frag)
{
	if (rhashtable_remove_fast(&dn->frags, &frag->node, dsr_frag_params))
		return;
	dsr_frag_end(dn, frag);
	kfree_rcu(frag, rcu);
}

/*
 * Counts a part. True if the datagram is complete: its id may soon be another's,
 * of which any part may come first. A part that comes twice makes it too many
 * bytes, and the entry is forgotten in time.
 */
static bool dsr_frag_count(struct dsr_frag *frag, const struct dsr_packet *pkt)
{
	lockdep_assert_held(&frag->lock);

	frag->got += pkt->to - pkt->from;
	if (pkt->last)
		frag->end = pkt->to;
	return frag->server && frag->got == frag->end;
}

/**
 * dsr_frag_learn() - the fragment with the ports came: remember where it goes
 * @dn: the director
 * @pkt: that fragment, parsed
 * @server: where it goes
 * @held: gets the fragments that have waited for it
 *
 * If that can't be remembered, later fragments are dropped in time.
 *
 * Context: softirq, RCU.
 */
void dsr_frag_learn(struct dsr_net *dn, const struct dsr_packet *pkt,
		    struct dsr_server *server, struct sk_buff_head *held)
{
	struct dsr_frag *frag = dsr_frag_get(dn, pkt);
	struct dsr_server *old = server;
	bool complete = false;

	__skb_queue_head_init(held);
	if (!frag || !refcount_inc_not_zero(&server->refs))
		return;

	spin_lock_bh(&frag->lock);
	if (!frag->dead) {
		/* the newest one counts: clients use their ids again */
		old = frag->server;
		if (old || frag->pass) {
			frag->got = 0;
			frag->end = 0;
		}
		frag->server = server;
		frag->pass = false;
		complete = dsr_frag_count(frag, pkt);
		dsr_frag_release(dn, frag, held);
	}
	spin_unlock_bh(&frag->lock);
	if (old)
		dsr_server_put(old);
	if (complete)
		dsr_frag_forget(dn, frag);
}

/**
 * dsr_frag_learn_pass() - the fragment with the ports was for no VIP
 * @dn: the director
 * @pkt: that fragment, parsed
 *
 * Those that have waited for it come in once more, and pass.
 *
 * Context: softirq, RCU.
 */
void dsr_frag_learn_pass(struct dsr_net *dn, const struct dsr_packet *pkt)
{
	struct dsr_frag *frag = dsr_frag_get(dn, pkt);
	struct dsr_server *old;
	struct sk_buff_head held;
	struct sk_buff *skb;

	if (!frag)
		return;
	__skb_queue_head_init(&held);
	spin_lock_bh(&frag->lock);
	old = frag->server;
	frag->server = NULL;
	frag->pass = true;
	dsr_frag_release(dn, frag, &held);
	spin_unlock_bh(&frag->lock);
	if (old)
		dsr_server_put(old);

	while ((skb = __skb_dequeue(&held))) {
		skb->dev = dev_get_by_index_rcu(dn->net,
						dsr_frag_cb(skb)->ifindex);
		if (skb->dev)
			netif_rx(skb);
		else
			dsr_drop(dn, skb, DSR_DROP_FRAGMENT);
	}
}

/* Takes the skb off the packet path, for the time that it waits */
static void dsr_frag_hold(struct dsr_net *dn, struct dsr_frag *frag,
			  struct sk_buff *skb, unsigned int bytes)
{
	BUILD_BUG_ON(sizeof(struct dsr_frag_cb) > sizeof(skb->cb));

	dsr_frag_cb(skb)->bytes = bytes;
	dsr_frag_cb(skb)->ifindex = skb->dev->ifindex;
	/* who waits holds on to nothing that may go away */
	skb_orphan(skb);
	skb_dst_drop(skb);
	nf_reset_ct(skb);
	skb->dev = NULL;
	__skb_queue_tail(&frag->held, skb);
	atomic_inc(&dn->frags_held);
}

/**
 * dsr_frag_follow() - where does a fragment without ports go?
 * @dn: the director
 * @pkt: the fragment, parsed
 * @skb: the fragment; gone if DSR_TAKEN is returned
 * @server: set with DSR_FORWARDED
 *
 * Context: softirq, RCU.
 * Return: DSR_FORWARDED, DSR_TAKEN if it has to wait, or why it can't.
 */
enum dsr_reason dsr_frag_follow(struct dsr_net *dn,
				const struct dsr_packet *pkt,
				struct sk_buff *skb,
				struct dsr_server **server)
{
	enum dsr_reason reason = DSR_DROP_FRAGMENT;
	struct dsr_frag *frag;
	bool complete = false;

	frag = dsr_frag_get(dn, pkt);
	if (!frag)
		return DSR_DROP_FRAGMENT;

	spin_lock_bh(&frag->lock);
	if (frag->pass) {
		reason = DSR_PASS_NO_PORT;
	} else if (frag->server) {
		/* without its other parts it is of no use to another server */
		*server = frag->server;
		if (READ_ONCE(frag->server->alive))
			reason = DSR_FORWARDED;
		complete = dsr_frag_count(frag, pkt);
	} else if (!frag->dead &&
		   skb_queue_len(&frag->held) < DSR_FRAG_HELD_EACH &&
		   atomic_read(&dn->frags_held) < DSR_FRAG_HELD_MAX) {
		dsr_frag_hold(dn, frag, skb, pkt->bytes);
		dsr_frag_count(frag, pkt);
		reason = DSR_TAKEN;
	}
	spin_unlock_bh(&frag->lock);

	if (complete)
		dsr_frag_forget(dn, frag);
	return reason;
}

/**
 * dsr_frag_work() - forget datagrams
 * @work: dsr_net->frag_work
 *
 * Context: process.
 */
void dsr_frag_work(struct work_struct *work)
{
	struct dsr_net *dn = container_of(to_delayed_work(work),
					  struct dsr_net, frag_work);
	struct rhashtable_iter iter;
	struct dsr_frag *frag;

	rhashtable_walk_enter(&dn->frags, &iter);
	rhashtable_walk_start(&iter);
	while ((frag = rhashtable_walk_next(&iter))) {
		if (IS_ERR(frag) ||
		    dsr_flow_now() - frag->born < DSR_FRAG_TIMEOUT)
			continue;
		dsr_frag_forget(dn, frag);
	}
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);

	if (atomic_read(&dn->frags.nelems))
		queue_delayed_work(dsr_wq, &dn->frag_work, HZ);
}

/**
 * dsr_frag_init() - make the table of a namespace
 * @dn: the director
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int dsr_frag_init(struct dsr_net *dn)
{
	INIT_DELAYED_WORK(&dn->frag_work, dsr_frag_work);
	return rhashtable_init(&dn->frags, &dsr_frag_params);
}

static void dsr_frag_free(void *ptr, void *arg)
{
	dsr_frag_end(arg, ptr);
	kfree(ptr);
}

/**
 * dsr_frag_exit() - free the table of a namespace
 * @dn: the director; its hooks are gone and a grace period has passed
 *
 * Context: process.
 */
void dsr_frag_exit(struct dsr_net *dn)
{
	cancel_delayed_work_sync(&dn->frag_work);
	rhashtable_free_and_destroy(&dn->frags, dsr_frag_free, dn);
}
