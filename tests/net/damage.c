// SPDX-License-Identifier: GPL-2.0-only
/*
 * usage: damage SEED COUNT MAC <GOOD.pcap >BAD.pcap
 *
 * Writes COUNT frames, each made from one of those read by damaging it in one
 * to four places. The same SEED makes the same frames. Prints to stderr how many
 * of them the director is to account for when they come in on an interface of
 * `dev add` whose address is MAC: see counted() below.
 *
 * Half of the damaged IPv4 headers get a right checksum again. Otherwise the
 * checksum would be all that is ever found to be wrong.
 */
#include <arpa/inet.h>
#include <net/ethernet.h>
#include <netinet/ether.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAME_MAX 1514
#define GOOD_MAX 256

struct frame {
	uint32_t len;
	uint8_t data[FRAME_MAX];
};

struct pcap_packet {
	uint32_t sec, usec, captured, len;
};

static struct frame good[GOOD_MAX];
static unsigned int nr_good;
static uint8_t pcap_header[24];
static uint64_t state;

static void die(const char *why)
{
	fprintf(stderr, "damage: %s\n", why);
	exit(1);
}

/* splitmix64 */
static uint32_t draw(uint32_t below)
{
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (uint32_t)(z >> 32) % below;
}

static void read_good(void)
{
	struct pcap_packet packet;

	if (fread(pcap_header, sizeof(pcap_header), 1, stdin) != 1)
		die("there is no capture on standard input");
	while (fread(&packet, sizeof(packet), 1, stdin) == 1) {
		struct frame *frame = &good[nr_good];

		if (nr_good == GOOD_MAX || packet.captured > FRAME_MAX ||
		    packet.captured < ETH_HLEN ||
		    fread(frame->data, packet.captured, 1, stdin) != 1)
			die("this capture can't be read");
		frame->len = packet.captured;
		nr_good++;
	}
	if (!nr_good)
		die("the capture is empty");
}

/* Somewhere in the frame; in the Ethernet header once in 16 times only */
static uint32_t place(const struct frame *f)
{
	if (f->len > ETH_HLEN && draw(16))
		return ETH_HLEN + draw(f->len - ETH_HLEN);
	return draw(f->len);
}

/* Most of what is read from a packet stands near its beginning */
static uint32_t early_place(const struct frame *f)
{
	uint32_t at = place(f);

	return at < 96 || draw(4) ? at % 96 % f->len : at;
}

static void resize(struct frame *f, uint32_t len)
{
	uint32_t i;

	for (i = f->len; i < len; i++)
		f->data[i] = draw(256);
	f->len = len;
}

static void copy(struct frame *to, const struct frame *from)
{
	uint32_t a = place(to), b = place(from), n = 1 + draw(64);

	if (n > to->len - a)
		n = to->len - a;
	if (n > from->len - b)
		n = from->len - b;
	memmove(to->data + a, from->data + b, n);
}

static void damage(struct frame *f)
{
	static const uint8_t odd[] = { 0, 1, 4, 5, 6, 17, 44, 58, 60, 0x7f,
				       0x80, 0xff };

	switch (draw(8)) {
	case 0:
	case 1:
		f->data[early_place(f)] ^= 1 << draw(8);
		break;
	case 2:
		f->data[early_place(f)] = draw(256);
		break;
	case 3:
		f->data[early_place(f)] = odd[draw(sizeof(odd))];
		break;
	case 4:
		resize(f, ETH_HLEN + draw(f->len - ETH_HLEN + 1));
		break;
	case 5:
		resize(f, f->len + draw(FRAME_MAX - f->len + 1) % 128);
		break;
	case 6:
		copy(f, f);
		break;
	case 7:
		copy(f, &good[draw(nr_good)]);
		break;
	}
}

/* An IPv4 header's checksum, of as much of it as there is */
static void mend(struct frame *f)
{
	uint8_t *ip = f->data + ETH_HLEN;
	uint32_t left = f->len - ETH_HLEN, i, sum = 0;

	if (f->data[12] != 8 || f->data[13] || left < 20)
		return;
	if (left > (ip[0] & 15) * 4u)
		left = (ip[0] & 15) * 4u;
	if (left < 20)
		return;
	ip[10] = ip[11] = 0;
	for (i = 0; i + 1 < left; i += 2)
		sum += ip[i] << 8 | ip[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	ip[10] = ~sum >> 8;
	ip[11] = ~sum;
}

/*
 * Counted are frames for nobody or for others, whatever they hold, and those for
 * the director with the whole of an IP header. A tagged frame is the VLAN
 * interface's.
 */
static int counted(const struct frame *f, const struct ether_addr *mac)
{
	unsigned int type = f->data[12] << 8 | f->data[13];

	if (type == ETHERTYPE_VLAN || type == 0x88a8)
		return 0;
	if (memcmp(f->data, mac, ETH_ALEN))
		return 1;
	if (type == ETHERTYPE_IP)
		return f->len >= ETH_HLEN + 20;
	if (type == ETHERTYPE_IPV6)
		return f->len >= ETH_HLEN + 40;
	return 0;
}

int main(int argc, char **argv)
{
	const struct ether_addr *mac = argc == 4 ? ether_aton(argv[3]) : NULL;
	unsigned long i, count, sum = 0;

	if (!mac)
		die("usage: damage SEED COUNT MAC <GOOD.pcap >BAD.pcap");
	state = strtoull(argv[1], NULL, 0);
	count = strtoul(argv[2], NULL, 0);
	read_good();
	fwrite(pcap_header, sizeof(pcap_header), 1, stdout);
	for (i = 0; i < count; i++) {
		struct frame f = good[draw(nr_good)];
		struct pcap_packet packet = { .sec = i / 1000000,
					      .usec = i % 1000000 };
		unsigned int n = 1 + draw(4);

		while (n--)
			damage(&f);
		if (draw(2))
			mend(&f);
		packet.captured = packet.len = f.len;
		fwrite(&packet, sizeof(packet), 1, stdout);
		fwrite(f.data, f.len, 1, stdout);
		sum += counted(&f, mac);
	}
	if (fflush(stdout))
		die("it can't be written");
	fprintf(stderr, "%lu\n", sum);
	return 0;
}
