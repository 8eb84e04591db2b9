"""Writes small MaxMind database files, so that tests need no downloaded one.

Source: https://maxmind.github.io/MaxMind-DB/
"""

from __future__ import annotations

import ipaddress
import struct
from pathlib import Path
from typing import Any, Union

# A node is [left, right]; None is "no record".
Node = list[Any]
# A tuple is a number with its kind: the reader in C refuses metadata whose
# numbers are of another kind than the specification says.
Value = Union[str, int, bool, tuple[int, int], list[Any], dict[str, Any]]
UINT16, UINT32, UINT64 = 5, 6, 9


def write_mmdb(path: Path, networks: dict[str, Value]) -> Path:
    """Write an IPv6 tree with IPv4 under ::/96, records of 32 bits.

    A network inside another one must come after it.
    """
    root: Node = [None, None]
    for network, record in networks.items():
        _insert(root, network, _encode(record))
    nodes = _numbered(root)
    numbers = {id(node): number for number, node in enumerate(nodes)}
    tree, data = b"", b""
    for node in nodes:
        for side in node:
            if isinstance(side, bytes):
                tree += struct.pack("!I", len(nodes) + 16 + len(data))
                data += side
            else:
                tree += struct.pack("!I", numbers.get(id(side), len(nodes)))
    marker = b"\xab\xcd\xefMaxMind.com"
    path.write_bytes(tree + bytes(16) + data + marker + _metadata(len(nodes)))
    return path


def _insert(root: Node, text: str, record: bytes) -> None:
    network = ipaddress.ip_network(text)
    bits = network.prefixlen + (96 if network.version == 4 else 0)
    path = f"{int(network.network_address):0128b}"[:bits]
    node = root
    for bit in map(int, path[:-1]):
        if not isinstance(node[bit], list):
            # Splits a wider network: both halves keep its record.
            node[bit] = [node[bit], node[bit]]
        node = node[bit]
    node[int(path[-1])] = record


def _numbered(root: Node) -> list[Node]:
    nodes = [root]
    for node in nodes:
        nodes.extend(side for side in node if isinstance(side, list))
    return nodes


def _metadata(node_count: int) -> bytes:
    return _encode(
        {
            "binary_format_major_version": (UINT16, 2),
            "binary_format_minor_version": (UINT16, 0),
            "build_epoch": (UINT64, 1700000000),
            "database_type": "Test-City",
            "description": {"en": "Made by a test"},
            "ip_version": (UINT16, 6),
            "languages": ["en"],
            "node_count": (UINT32, node_count),
            "record_size": (UINT16, 32),
        }
    )


def _encode(value: Value) -> bytes:
    if isinstance(value, bool):
        return _head(14, int(value))
    if isinstance(value, int):
        value = (UINT32, value)
    if isinstance(value, tuple):
        digits = value[1].to_bytes(8, "big").lstrip(b"\0")
        return _head(value[0], len(digits)) + digits
    if isinstance(value, str):
        text = value.encode()
        return _head(2, len(text)) + text
    if isinstance(value, list):
        return _head(11, len(value)) + b"".join(map(_encode, value))
    pairs = (_encode(key) + _encode(entry) for key, entry in value.items())
    return _head(7, len(value)) + b"".join(pairs)


def _head(kind: int, size: int) -> bytes:
    """Return the control byte, the extended type's byte and the size's bytes."""
    if size < 29:
        first, more = size, b""
    elif size < 285:
        first, more = 29, bytes([size - 29])
    else:
        first, more = 30, struct.pack("!H", size - 285)
    if kind > 7:
        return bytes([first, kind - 7]) + more
    return bytes([kind << 5 | first]) + more
