// SPDX-License-Identifier: GPL-2.0-only
/* One bug of each kind that a debug kernel is to find: that of the name bug=. */
#include <linux/bottom_half.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/nsproxy.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <net/net_namespace.h>

static char *bug = "none";
module_param(bug, charp, 0);

struct thing {
	struct list_head list;
	struct rcu_head rcu;
	struct timer_list timer;
	struct mutex mutex;
	refcount_t refs;
	int number;
};

static struct thing *thing;
static struct thing __rcu *shared;
static volatile int result;

static void bug_none(void)
{
}

static void bug_freed(void)
{
	kfree(thing);
	result = thing->number;
	thing = NULL;
}

static void bug_outside(void)
{
	struct thing *end = thing + 1;

	OPTIMIZER_HIDE_VAR(end);
	result = end->number;
}

static void bug_shift(void)
{
	result = 1 << (32 + thing->number);
}

static void bug_sleep(void)
{
	static DEFINE_SPINLOCK(lock);

	spin_lock_bh(&lock);
	kfree(kmalloc(1, GFP_KERNEL));
	spin_unlock_bh(&lock);
}

static void bug_rcu(void)
{
	result = !rcu_dereference(shared);
}

static void bug_unlocked(void)
{
	result = !rcu_dereference_protected(shared,
					    lockdep_is_held(&thing->mutex));
}

static void bug_order(void)
{
	static DEFINE_MUTEX(other);

	mutex_lock(&thing->mutex);
	mutex_lock(&other);
	mutex_unlock(&other);
	mutex_unlock(&thing->mutex);

	mutex_lock(&other);
	mutex_lock(&thing->mutex);
	mutex_unlock(&thing->mutex);
	mutex_unlock(&other);
}

static DEFINE_SPINLOCK(context_lock);

static void context_timer(struct timer_list *timer)
{
	spin_lock(&context_lock);
	spin_unlock(&context_lock);
}

/* softirqs take the lock, and may do so where it is held */
static void bug_context(void)
{
	spin_lock(&context_lock);
	spin_unlock(&context_lock);
	timer_setup(&thing->timer, context_timer, 0);
	mod_timer(&thing->timer, jiffies);
	while (timer_pending(&thing->timer))
		schedule_timeout_uninterruptible(1);
	timer_shutdown_sync(&thing->timer);
}

static void forget(struct rcu_head *rcu)
{
}

static void bug_twice(void)
{
	call_rcu(&thing->rcu, forget);
	call_rcu(&thing->rcu, forget);
	rcu_barrier();
}

static void no_timer(struct timer_list *timer)
{
}

static void bug_timer(void)
{
	timer_setup(&thing->timer, no_timer, 0);
	mod_timer(&thing->timer, jiffies + 3600 * HZ);
	kfree(thing);
	thing = NULL;
}

static void bug_list(void)
{
	LIST_HEAD(head);

	list_add(&thing->list, &head);
	list_del(&thing->list);
	list_del(&thing->list);
}

static void bug_refs(void)
{
	refcount_set(&thing->refs, 0);
	refcount_inc(&thing->refs);
}

static void bug_leak(void)
{
	thing = NULL;
}

static void bug_percpu(void)
{
	result = !alloc_percpu(struct thing);
}

static void bug_cache(void)
{
	struct kmem_cache *cache = kmem_cache_create("bugs", 64, 0, 0, NULL);

	result = !kmem_cache_alloc(cache, GFP_KERNEL);
	kmem_cache_destroy(cache);
}

/* The interface of that name can't go */
static void bug_dev(void)
{
	netdevice_tracker tracker;
	struct net_device *dev;

	dev = netdev_get_by_name(current->nsproxy->net_ns, "bug", &tracker,
				 GFP_KERNEL);
	result = !dev;
}

/* The namespace goes, in spite of who needs it */
static void bug_net(void)
{
	netns_tracker tracker;

	__netns_tracker_alloc(current->nsproxy->net_ns, &tracker, false,
			      GFP_KERNEL);
}

static const struct {
	const char *name;
	void (*run)(void);
} bugs[] = {
	{ "none", bug_none },
	{ "freed", bug_freed },
	{ "outside", bug_outside },
	{ "shift", bug_shift },
	{ "sleep", bug_sleep },
	{ "rcu", bug_rcu },
	{ "unlocked", bug_unlocked },
	{ "order", bug_order },
	{ "context", bug_context },
	{ "twice", bug_twice },
	{ "timer", bug_timer },
	{ "list", bug_list },
	{ "refs", bug_refs },
	{ "leak", bug_leak },
	{ "percpu", bug_percpu },
	{ "cache", bug_cache },
	{ "dev", bug_dev },
	{ "net", bug_net },
};

static int __init bugs_init(void)
{
	int i, err = -EINVAL;

	thing = kzalloc(sizeof(*thing), GFP_KERNEL);
	if (!thing)
		return -ENOMEM;
	mutex_init(&thing->mutex);
	for (i = 0; i < ARRAY_SIZE(bugs); i++) {
		if (strcmp(bug, bugs[i].name))
			continue;
		bugs[i].run();
		err = 0;
	}
	kfree(thing);
	thing = NULL;
	return err;
}
module_init(bugs_init);

static void __exit bugs_exit(void)
{
}
module_exit(bugs_exit);

MODULE_DESCRIPTION("Bugs that are to be found");
MODULE_LICENSE("GPL");
