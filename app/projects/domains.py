"""The domains on which a project's public key counts."""

from __future__ import annotations

import re

from app.client.domains import host_of, to_ascii
from app.problems import InvalidInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_DOMAINS = 20
MAX_DOMAIN_LENGTH = 253
HOST = r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?|\[?[0-9a-f:.]+\]?"


def normalise(entries: Iterable[str]) -> list[str]:
    """Return the hosts of what a person wrote as domains: with scheme, port, path.

    A domain includes those below it, so ``*.`` in front of it says nothing more. An
    international name becomes what browsers send for it.

    :raise InvalidInput: no usable domain, too many, or one that is none.
    """
    hosts = dict.fromkeys(parse(entry) for entry in entries if entry.strip())
    if not hosts:
        raise InvalidInput("No valid domains provided", field="allowed_domains")
    if len(hosts) > MAX_DOMAINS:
        message = f"Maximum {MAX_DOMAINS} allowed domains per project"
        raise InvalidInput(message, field="allowed_domains")
    return list(hosts)


def parse(entry: str) -> str:
    """Return the host of one entry.

    :raise InvalidInput: it is no usable domain.
    """
    text = entry.strip().lower()
    if len(text) > MAX_DOMAIN_LENGTH:
        message = f"Domain '{text[:40]}...' is too long"
        raise InvalidInput(message, field="allowed_domains")
    address = text if "//" in text else "//" + text
    if address.startswith("//"):
        address = "https:" + address
    try:
        host = to_ascii(host_of(address.replace("//*.", "//")))
    except UnicodeError:
        host = ""
    # "com" would open the key to every site below it.
    is_whole = "." in host or ":" in host or host == "localhost"
    if not re.fullmatch(HOST, host) or not is_whole or not text.isprintable():
        raise InvalidInput(f"'{text}' is not a domain", field="allowed_domains")
    return host
