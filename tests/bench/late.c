// SPDX-License-Identifier: GPL-2.0-only
/*
 * late: sleeps again and again for a tenth of a millisecond, before all others
 * in line for the CPU, until it is told to end; then prints by how many
 * nanoseconds it was late at the worst: so long something did not let go.
 */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <time.h>

#define SECOND 1000000000L
#define PERIOD 100000L

static volatile sig_atomic_t over;

static void on_signal(int number)
{
	(void)number;
	over = 1;
}

int main(void)
{
	struct sched_param param = { .sched_priority = 99 };
	struct sigaction action = { .sa_handler = on_signal };
	struct timespec next, now;
	long late, worst = 0;

	mlockall(MCL_CURRENT | MCL_FUTURE);
	sigaction(SIGTERM, &action, NULL);
	if (sched_setscheduler(0, SCHED_FIFO, &param)) {
		perror("late: SCHED_FIFO");
		return 1;
	}
	while (!over) {
		clock_gettime(CLOCK_MONOTONIC, &next);
		next.tv_nsec += PERIOD;
		if (next.tv_nsec >= SECOND) {
			next.tv_nsec -= SECOND;
			next.tv_sec++;
		}
		if (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL))
			continue;
		clock_gettime(CLOCK_MONOTONIC, &now);
		late = (now.tv_sec - next.tv_sec) * SECOND + now.tv_nsec -
		       next.tv_nsec;
		if (late > worst)
			worst = late;
	}
	printf("%ld\n", worst);
	return 0;
}
