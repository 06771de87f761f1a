// SPDX-License-Identifier: GPL-2.0-only
#include "stats.h"

const char *const dsr_reason_names[DSR_REASONS] = {
	[DSR_FORWARDED] = "forwarded",
	[DSR_ANSWERED] = "answered",
#define X(id, name) [DSR_PASS_##id] = name,
	DSR_PASS_REASONS(X)
#undef X
#define X(id, name) [DSR_DROP_##id] = name,
	DSR_DROP_REASONS(X)
#undef X
};

/**
 * dsr_stats_read() - packets of a namespace that met one fate
 * @dn: the director
 * @reason: the fate
 *
 * Context: any.
 * Return: the sum over all CPUs.
 */
u64 dsr_stats_read(const struct dsr_net *dn, enum dsr_reason reason)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(dn->stats, cpu)->packets[reason]);
	return sum;
}

/**
 * dsr_counters_add() - add a server's counters to a sum
 * @sum: added to
 * @counters: per-CPU counters
 *
 * Context: any.
 */
void dsr_counters_add(struct dsr_totals *sum,
		      const struct dsr_counters __percpu *counters)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		const struct dsr_counters *c = per_cpu_ptr(counters, cpu);
		struct dsr_totals t;
		unsigned int seq;

		do {
			seq = u64_stats_fetch_begin(&c->syncp);
			t.packets = u64_stats_read(&c->packets);
			t.bytes = u64_stats_read(&c->bytes);
			t.flows = u64_stats_read(&c->flows);
			t.bounced = u64_stats_read(&c->bounced);
			t.retries = u64_stats_read(&c->retries);
		} while (u64_stats_fetch_retry(&c->syncp, seq));

		sum->packets += t.packets;
		sum->bytes += t.bytes;
		sum->flows += t.flows;
		sum->bounced += t.bounced;
		sum->retries += t.retries;
	}
}
