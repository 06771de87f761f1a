# SPDX-License-Identifier: GPL-2.0-only
#
# make help says what there is. Kbuild lists the files of the module.

# The headers of the running kernel, or else the newest that are installed
KDIR ?= $(or $(wildcard /lib/modules/$(shell uname -r)/build), \
	$(lastword $(shell ls -dv /usr/src/linux-headers-*-amd64 2>/dev/null)))
RELEASE = $(shell cat $(KDIR)/include/config/kernel.release)

DESTDIR ?=
PREFIX ?= /usr/local
SBINDIR ?= $(PREFIX)/sbin
MANDIR ?= $(PREFIX)/share/man
COMPDIR ?= $(PREFIX)/share/bash-completion/completions
UNITDIR ?= /lib/systemd/system
MODDIR = /lib/modules/$(RELEASE)/updates
export DESTDIR PREFIX SBINDIR MANDIR COMPDIR UNITDIR

all: module userspace

module:
	@[ -d "$(KDIR)" ] || { echo "No kernel headers. Install" \
		"linux-headers-amd64 or say make KDIR=DIR" >&2; exit 1; }
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

userspace:
	$(MAKE) -C userspace

# TEST="hooks stickiness" only these topics, KERNEL=6.1 only that kernel
check:
	tests/check $(TEST)

# What a test leaves out of a stock kernel, too
check-full:
	tests/check -f $(TEST)

# Hours: the other debug kernel and long forms, as well
check-long:
	tests/check -l $(TEST)

# TEST=fragments; -um only what runs in user-mode-linux
check-debug:
	tests/check -d $(TEST)

check-debug-um:
	KERNEL=um tests/check -d $(TEST)

check-static:
	tests/check -s

demo:
	tests/demo/run

# KERNEL=6.12 only that kernel
bench:
	tests/setup
	tests/bench/run

bench-short:
	tests/setup
	tests/bench/run -s

bench-profile:
	tests/setup
	tests/bench/run -p

bench-docs:
	tests/bench/run -d

install: all
	install -D -m 644 dsr.ko $(DESTDIR)$(MODDIR)/dsr.ko
	$(MAKE) -C userspace install
	[ -n "$(DESTDIR)" ] || depmod $(RELEASE)

uninstall:
	rm -f $(DESTDIR)$(MODDIR)/dsr.ko
	rm -f $(DESTDIR)$(SBINDIR)/dsrctl $(DESTDIR)$(MANDIR)/man8/dsrctl.8
	rm -f $(DESTDIR)$(MANDIR)/man5/dsr.conf.5 $(DESTDIR)$(COMPDIR)/dsrctl
	rm -f $(DESTDIR)$(UNITDIR)/dsr-restore.service
	[ -n "$(DESTDIR)" ] || depmod $(RELEASE)

clean:
	[ ! -d "$(KDIR)" ] || $(MAKE) -C $(KDIR) M=$(CURDIR) clean
	$(MAKE) -C userspace clean

help:
	@echo 'make               build dsr.ko and userspace/dsrctl'
	@echo 'make KDIR=DIR      for the kernel whose headers are in DIR'
	@echo 'make demo          watch it work, in a virtual machine'
	@echo 'make check         all tests, in virtual machines with Linux 6.1 and 6.12 and a debug kernel'
	@echo '                   TEST=NAME one topic, KERNEL=6.12 one kernel, JOBS=1 one at a time'
	@echo 'make check-full    each of them with each kernel'
	@echo 'make check-long    the same with one more debug kernel and at length, which takes hours'
	@echo 'make check-debug   the same with debug kernels, which it builds; -um the quick half'
	@echo 'make check-static  those tests that only read and compile the source'
	@echo 'make bench         what a packet costs, beside IPVS, nftables and tc'
	@echo 'make bench-short   the same in short, as CI does; bench-profile: where it goes'
	@echo 'make bench-docs    put the figures of the last make bench into docs'
	@echo 'make install       module, tool, manual pages, unit, completion; DESTDIR= PREFIX='
	@echo 'make uninstall     removes what install put there'
	@echo 'make clean'

.PHONY: all module userspace check check-full check-long check-debug \
	check-debug-um check-static demo bench bench-short bench-profile \
	bench-docs install uninstall clean help
