#!/usr/bin/perl
# Whether the port answers; the options of the real program are not needed.
use IO::Socket::INET;
exit(IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => 5432, Timeout => 2) ? 0 : 2);
