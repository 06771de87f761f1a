/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's side of dsrctl's conversation, for tests without a kernel: it
 * takes the place of libmnl's socket functions, so everything above them is
 * tested as it is, to the last byte.
 *
 *	DSR_FAKE	what this kernel is like, see scenes below
 *	DSR_FAKE_LOG	a file: one line for each request, attributes in hex
 *
 * Requests are read and answers are made without dsrctl's own message.c: a
 * mistake in there must not be on both sides.
 *
 *	(none)		two VIPs with servers and two without, three flows
 *	empty		nothing is configured
 *	absent		the module is not loaded
 *	old		the module has no events
 *	version N	the module speaks version N of the protocol
 *	garbage		an attribute is too short
 *	newer		attributes, nests and states that dsrctl does not know
 *	older		the module does not tell what it need not
 *	events		events, a loss, more events, then SIGTERM
 *	dumperror	a dump ends in an error with a text
 *	nobufs		there is no memory for an answer
 *	closed		setns() is not permitted
 *	reset		every counter begins anew before VIPs are read again
 *	flows N		there are N flows
 *	passed, dropped	that is what becomes of a packet
 *	busy N		the configuration changes in N dumps
 *	moved N		the configuration changes after N of the dumps
 *	orphan		a server of no VIP
 *	refuse ATTR ERRNO TEXT	refuse every request and blame ATTR, as VIP.PORT
 *	echo ATTR ERRNO TEXT	the same, by a kernel that sends requests back
 */
#ifndef FAKE_KERNEL_H
#define FAKE_KERNEL_H

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/dsr.h>

#define FAMILY	29

/* kernel.c: the messages that go out */
bool scene(const char *name);
unsigned int scene_number(const char *name);
struct nlmsghdr *begin(uint16_t type, uint16_t flags);
void put(struct nlmsghdr *nlh, const void *data, size_t len);
void end(struct nlmsghdr *nlh);
void send_datagram(void);
void send_error(int error);
void done(int error, const char *text);
struct nlmsghdr *object(uint8_t cmd);
unsigned int generation(void);

/* attr.c: attributes, of what comes in and what goes out */
void attr(struct nlmsghdr *nlh, uint16_t type, const void *data, size_t len);
void attr_u8(struct nlmsghdr *nlh, uint16_t type, uint8_t value);
void attr_be16(struct nlmsghdr *nlh, uint16_t type, uint16_t value);
void attr_u32(struct nlmsghdr *nlh, uint16_t type, uint32_t value);
void attr_u64(struct nlmsghdr *nlh, uint16_t type, uint64_t value);
void attr_str(struct nlmsghdr *nlh, uint16_t type, const char *text);
size_t begin_nest(struct nlmsghdr *nlh, uint16_t type);
void end_nest(struct nlmsghdr *nlh, size_t start);
const struct nlattr *find_attr(const struct nlmsghdr *nlh, const char *path);
void __attribute__((format(printf, 1, 2))) note(const char *fmt, ...);
void log_request(const struct nlmsghdr *nlh);

/* object.c: what this kernel has */
bool get_vip(const struct nlmsghdr *request);
void dump_vips(void);
void dump_servers(const struct nlmsghdr *request);
void dump_devs(void);
void dump_flows(void);
void stats(void);
void explanation(const struct nlmsghdr *request);
void flushed(void);
void events(void);
extern unsigned int dumped_flows;

#endif
