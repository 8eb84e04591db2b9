"""Addresses behind proxies, and what a hostile X-Forwarded-For can do: nothing."""

from __future__ import annotations

import re

import pytest

from app.client.address import Network, client_address, network_of, parse_networks

PROXIES = "10.0.0.0/8, 203.0.113.7 2001:db8:ffff::/48,::ffff:192.168.0.0/112"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        (" ,, \n", ()),
        ("10.0.0.0/8", (Network(b"\x0a\0\0\0", 8),)),
        ("0.0.0.0/0", (Network(bytes(4), 0),)),
        ("1.2.3.4", (Network(b"\1\2\3\4", 32),)),
        ("::/0", (Network(bytes(16), 0),)),
        ("::1", (Network(bytes(15) + b"\1", 128),)),
        ("::ffff:10.0.0.0/104", (Network(b"\x0a\0\0\0", 8),)),
        ("::ffff:1.2.3.4", (Network(b"\1\2\3\4", 32),)),
        ("unix", (Network(b"", 0),)),
        ("UNIX,1.2.3.4", (Network(b"", 0), Network(b"\1\2\3\4", 32))),
    ],
)
def test_it_reads_a_list_of_networks(text: str, expected: tuple[Network, ...]) -> None:
    assert parse_networks(text) == expected


@pytest.mark.parametrize(
    "item",
    [
        *("10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/8/8", "10.0.0.0/٨"),
        *("10.0.0.0/8x", "10.0.0/8", "010.0.0.1", "::/129", "1::2::3", "localhost"),
        *("10.0.0.1/8", "2001:db8::1/32", "10.0.0.0/0008", "\0", "[::1]", "1.2.3.4:80"),
        *("9" * 50_000, "1.2.3.4/" + "9" * 50_000),
    ],
)
def test_it_names_the_bad_network(item: str) -> None:
    with pytest.raises(ValueError, match=re.escape(repr(item))):
        parse_networks(f"127.0.0.1, {item}, ::1")


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "expected"),
    [
        # Not from a proxy of ours: whatever it claims, the peer is the sender.
        ("198.51.100.1", "1.1.1.1", "198.51.100.1"),
        ("198.51.100.1", "", "198.51.100.1"),
        ("2001:db8::1", "1.1.1.1", "2001:db8::1"),
        # From a proxy: the first untrusted address from the right.
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1,198.51.100.1 ,\t10.9.9.9", "198.51.100.1"),
        ("203.0.113.7", "198.51.100.1", "198.51.100.1"),
        ("203.0.113.8", "198.51.100.1", "203.0.113.8"),
        ("2001:db8:ffff::9", "198.51.100.1", "198.51.100.1"),
        # Everybody is trusted: the leftmost.
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        # Garbage ends the walk.
        ("10.0.0.1", "unknown", "10.0.0.1"),
        ("10.0.0.1", "1.1.1.1, nonsense, 10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "1.1.1.1,, 10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "1.1.1.1, \x00, 10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "<script>, 1.2.3.4.5, 10.0.0.2", "10.0.0.2"),
        # IPv4 in IPv6 clothes, in the chain and as the peer.
        ("::ffff:10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
        ("::ffff:198.51.100.1", "1.1.1.1", "198.51.100.1"),
        ("::FFFF:0A00:0001", "1.1.1.1", "1.1.1.1"),
        ("192.168.0.9", "1.1.1.1", "1.1.1.1"),
        # Ports, brackets and zones.
        ("10.0.0.1:443", "198.51.100.1:5678", "198.51.100.1"),
        ("10.0.0.1", "[2001:DB8::1]:80", "2001:db8::1"),
        ("10.0.0.1", "[2001:db8::1]", "2001:db8::1"),
        ("10.0.0.1", "fe80::1%eth0", "fe80::1"),
        ("10.0.0.1", "[fe80::1%25eth0]:99", "fe80::1"),
        ("10.0.0.1", "2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"),
        ("10.0.0.1", "[[::1]]", "10.0.0.1"),
        ("10.0.0.1", "[::1", "10.0.0.1"),
        ("10.0.0.1", "[]", "10.0.0.1"),
        ("10.0.0.1", "[]:80", "10.0.0.1"),
        ("10.0.0.1", "1.2.3.4:", "10.0.0.1"),
        # A Unix socket has no address, and is not trusted unless we say so.
        ("", "198.51.100.1", ""),
        ("unix:", "198.51.100.1", ""),
    ],
)
def test_it_finds_the_sender(peer: str, forwarded_for: str, expected: str) -> None:
    assert client_address(peer, forwarded_for, parse_networks(PROXIES)) == expected


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "expected"),
    [
        ("", "198.51.100.1", "198.51.100.1"),
        ("@", "1.1.1.1, 10.0.0.1", "1.1.1.1"),
        ("", "", ""),
        ("", "nonsense", ""),
        ("198.51.100.1", "1.1.1.1", "198.51.100.1"),
    ],
)
def test_it_trusts_a_unix_socket_when_told(
    peer: str, forwarded_for: str, expected: str
) -> None:
    trusted = parse_networks("unix 10.0.0.0/8")
    assert client_address(peer, forwarded_for, trusted) == expected


def test_it_believes_nobody_without_trusted_proxies() -> None:
    assert client_address("10.0.0.1", "1.1.1.1", ()) == "10.0.0.1"


@pytest.mark.parametrize(
    "text",
    ["x" * 50_000, "[" * 50_000, "," * 50_000, "1" * 50_000, ":" * 50_000, "\udcff"],
)
def test_it_survives_hostile_headers(text: str) -> None:
    trusted = parse_networks("10.0.0.0/8")
    assert client_address("10.0.0.1", text, trusted) == "10.0.0.1"
    assert client_address(text, "1.1.1.1", trusted) == ""
    assert network_of(text) == ""


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:7:8::9", "2001:db8:7::/48"),
        ("::1", "::/48"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("", ""),
        ("nonsense", ""),
    ],
)
def test_it_names_the_network(address: str, expected: str) -> None:
    assert network_of(address) == expected
