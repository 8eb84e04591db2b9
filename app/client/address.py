"""Which address a request came from, behind proxies or not."""

from __future__ import annotations

import re
from collections import namedtuple

try:
    # The module around it makes a beacon 3 ms later.
    import _socket as socket
except ImportError:
    import socket  # type: ignore[no-redef]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_MAPPED = b"\x00" * 10 + b"\xff\xff"
# [v6], [v6]:port, v4:port; a bare IPv6 address has no room for a port.
_WITH_PORT = r"\[([^\[\]]*)\](?::[0-9]{1,5})?|([0-9.]+):[0-9]{1,5}"


class Network(namedtuple("Network", ("base", "bits"))):
    """A range of addresses.

    Shape: ``base``, its first address, 4 or 16 bytes; ``bits``, the length of
    the prefix. No bytes at all stand for a Unix socket, which has no address.
    """

    __slots__ = ()
    base: bytes
    bits: int


def parse_networks(text: str) -> tuple[Network, ...]:
    """Return the networks of a list separated by commas or spaces.

    An item is a network (``10.0.0.0/8``), a single address, or the word
    ``unix`` for a proxy that reaches us through a Unix socket.

    :raise ValueError: naming the first item that is none of these.
    """
    return tuple(_parse_network(item) for item in re.split(r"[,\s]+", text) if item)


def client_address(peer: str, forwarded_for: str, trusted: Sequence[Network]) -> str:
    """Return the sender's address as canonical text, '' when it has none.

    ``forwarded_for`` counts only if ``peer`` is trusted, and is read from the
    right: each proxy appends the address it was called from, so the first
    untrusted one is the last that nobody could have made up. If all of them are
    trusted it is the leftmost. An unreadable item ends the walk before it.
    An IPv4 address written as IPv6 (``::ffff:1.2.3.4``) is returned as IPv4.
    """
    packed = _packed(peer)
    hops = forwarded_for.split(",")
    while hops and _is_trusted(packed, trusted):
        hop = _packed(hops.pop())
        if not hop:
            break
        packed = hop
    return _text(packed)


def is_trusted(peer: str, trusted: Sequence[Network]) -> bool:
    """Return whether what ``peer`` says about its callers is to be believed."""
    return _is_trusted(_packed(peer), trusted)


def network_of(address: str) -> str:
    """Return the /24 (IPv4) or /48 (IPv6) of an address, '' if it is none.

    Shape: ``203.0.113.0/24`` or ``2001:db8:7::/48``.
    """
    packed = _packed(address)
    if not packed:
        return ""
    bits = 24 if len(packed) == 4 else 48
    return f"{_text(_masked(packed, bits))}/{bits}"


def subnet_of(address: str) -> str:
    """Return what one connection has: the IPv4 address, or the /64 of an IPv6 one."""
    packed = _packed(address)
    if len(packed) != 16:
        return address
    return f"{_text(_masked(packed, 64))}/64"


def _parse_network(item: str) -> Network:
    if item.lower() == "unix":
        return Network(b"", 0)
    host, slash, length = item.partition("/")
    base = _raw(host)
    size = len(base) * 8
    # isdigit() alone would let other scripts' digits pass.
    if slash and not (length.isascii() and length.isdigit() and len(length) < 4):
        base = b""
    bits = int(length) if slash and base else size
    if not base or bits > size:
        raise ValueError(f"{item!r} is no address, no network and not the word unix")
    if _masked(base, bits) != base:
        network = f"{_text(_masked(base, bits))}/{bits}"
        raise ValueError(f"{item!r} is an address inside {network}: give one of them")
    # 104 bits of ::ffff:10.0.0.0 are the 8 bits of 10.0.0.0.
    if size == 128 and base.startswith(_MAPPED) and bits >= 96:
        return Network(base[12:], bits - 96)
    return Network(base, bits)


def _is_trusted(packed: bytes, trusted: Sequence[Network]) -> bool:
    return any(
        len(packed) == len(network.base)
        and _masked(packed, network.bits) == network.base
        for network in trusted
    )


def _packed(text: str) -> bytes:
    """Return an address as 4 or 16 bytes, b'' if the text is none."""
    text = text.strip()
    packed = _raw(text)
    match = not packed and re.fullmatch(_WITH_PORT, text)
    if match:
        packed = _raw(match.group(1) or match.group(2) or "")
    return packed[12:] if packed.startswith(_MAPPED) else packed


def _raw(text: str) -> bytes:
    """Return an address as it is written, without its zone, b'' if it is none."""
    family = socket.AF_INET
    if ":" in text:
        family = socket.AF_INET6
        text = text.partition("%")[0]
    try:
        return socket.inet_pton(family, text)
    except (OSError, ValueError):  # ValueError: a NUL, or a lone surrogate.
        return b""


def _masked(packed: bytes, bits: int) -> bytes:
    shift = len(packed) * 8 - bits
    number = int.from_bytes(packed, "big") >> shift << shift
    return number.to_bytes(len(packed), "big")


def _text(packed: bytes) -> str:
    if not packed:
        return ""
    family = socket.AF_INET if len(packed) == 4 else socket.AF_INET6
    return socket.inet_ntop(family, packed)
