// SPDX-License-Identifier: GPL-2.0-only
/*
 * usage: flood COUNT MAC ADDRESS PORT >SYNS.pcap
 *
 * Writes COUNT SYNs to ADDRESS and PORT behind MAC, each from another address
 * of 100.64.0.0/10.
 */
#include <arpa/inet.h>
#include <net/ethernet.h>
#include <netinet/ether.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct record {
	uint32_t sec, usec, captured, len;
	struct ether_header eth;
	struct iphdr ip;
	struct tcphdr tcp;
} __attribute__((packed));

struct header {
	uint32_t magic;
	uint16_t major, minor;
	uint32_t zone, accuracy, longest, link;
};

static uint16_t checksum(const void *ip)
{
	uint16_t word[sizeof(struct iphdr) / 2];
	uint32_t sum = 0;
	unsigned int i;

	memcpy(word, ip, sizeof(word));
	for (i = 0; i < sizeof(word) / sizeof(word[0]); i++)
		sum += word[i];
	sum = (sum & 0xffff) + (sum >> 16);
	return ~(sum + (sum >> 16));
}

int main(int argc, char **argv)
{
	const struct header header = {
		.magic = 0xa1b2c3d4, .major = 2, .minor = 4, .longest = 65535,
		.link = 1,
	};
	const uint32_t len = sizeof(struct record) - 16;
	struct record syn = {
		.captured = len, .len = len,
		.eth.ether_type = htons(ETHERTYPE_IP),
		.ip = { .version = 4, .ihl = 5, .ttl = 64,
			.protocol = IPPROTO_TCP, .tot_len = htons(40) },
		.tcp = { .doff = 5, .syn = 1, .window = htons(65535) },
	};
	const struct ether_addr *mac = argc == 5 ? ether_aton(argv[2]) : NULL;
	unsigned long i, count;
	struct in_addr to;

	if (!mac || !inet_aton(argv[3], &to)) {
		fprintf(stderr, "usage: flood COUNT MAC ADDRESS PORT\n");
		return 1;
	}
	memcpy(syn.eth.ether_dhost, mac, ETH_ALEN);
	memcpy(syn.eth.ether_shost, "\x02\x00\x00\x00\x00\x66", ETH_ALEN);
	syn.ip.daddr = to.s_addr;
	syn.tcp.dest = htons(atoi(argv[4]));
	count = strtoul(argv[1], NULL, 0);

	fwrite(&header, sizeof(header), 1, stdout);
	for (i = 0; i < count; i++) {
		/* an odd factor: no address comes twice within 2^22 */
		syn.ip.saddr = htonl(0x64400000 | (i * 2654435761u & 0x3fffff));
		syn.tcp.source = htons(1024 + i % 60000);
		syn.tcp.seq = htonl(i * 2246822519u);
		syn.ip.check = 0;
		syn.ip.check = checksum(&syn.ip);
		fwrite(&syn, sizeof(syn), 1, stdout);
	}
	return fflush(stdout) != 0;
}
