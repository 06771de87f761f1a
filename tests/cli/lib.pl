# SPDX-License-Identifier: GPL-2.0-only
#
# What the tests of dsrctl share: building it, running it, reading its output.

use strict;
use warnings;
use Cwd qw(abs_path);
use Fcntl qw(:flock);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use Test::More;

our $dir = dirname(abs_path(__FILE__));
our $tmp = tempdir(CLEANUP => 1);
our $dsrctl = "$dir/build/dsrctl";

# prove may run several tests at a time: one of them builds
open(my $lock, '<', "$dir/lib.pl") or die "lib.pl: $!";
flock($lock, LOCK_EX);
system('make', '-s', '-C', $dir) == 0 or BAIL_OUT('the build failed');
flock($lock, LOCK_UN);

sub slurp {
	my ($name) = @_;
	open(my $file, '<:raw', $name) or return '';
	local $/;
	return scalar(<$file>) // '';
}

sub spew {
	my ($name, $text) = @_;
	open(my $file, '>:raw', $name) or die "$name: $!";
	print $file $text;
	close($file);
	return $name;
}

# Run dsrctl against the kernel of kernel.c. Options: fake => scene,
# stdin => text, stdout => file. Returns a hash of what came of it.
sub dsrctl {
	my ($args, %opt) = @_;
	my %file = map { $_ => "$tmp/$_" } qw(stdin stdout stderr log);

	spew($file{stdin}, $opt{stdin} // '');
	unlink(@file{qw(stdout stderr log)});
	my $pid = fork() // die "fork: $!";
	if (!$pid) {
		$ENV{DSR_FAKE} = $opt{fake} // '';
		$ENV{DSR_FAKE_LOG} = $file{log};
		open(STDIN, '<', $file{stdin});
		open(STDOUT, '>', $opt{stdout} // $file{stdout});
		open(STDERR, '>', $file{stderr});
		exec({ $dsrctl } 'dsrctl', @$args);
		die "exec: $!";
	}
	waitpid($pid, 0);
	my %got = map { $_ => slurp($file{$_}) } qw(stdout stderr log);
	$got{status} = $? & 127 ? 'signal ' . ($? & 127) : $? >> 8;
	return \%got;
}

# Compare all that came of a run. What is not named must be empty, and the
# status 0. A regular expression is allowed where a text is.
sub run_is {
	my ($args, $want, %opt) = @_;
	my $name = join(' ', 'dsrctl', map { length() ? $_ : "''" } @$args);
	my $got = dsrctl($args, %opt);

	$name .= " ($opt{fake})" if $opt{fake};
	subtest $name => sub {
		plan tests => 4;
		is($got->{status}, $want->{status} // 0, 'status');
		for my $stream (qw(stdout stderr log)) {
			my $text = $want->{$stream} // '';
			if (ref($text)) {
				like($got->{$stream}, $text, $stream);
			} else {
				is($got->{$stream}, $text, $stream);
			}
		}
	};
}

# A command line that is wrong: one line says why, and nothing is sent
sub wrong {
	my ($line, $error) = @_;
	my @args = ref($line) ? @$line : split(' ', $line);

	run_is(\@args, { status => 1, stderr => "dsrctl: $error\n" });
}

1;
