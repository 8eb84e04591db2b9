"""What is kept of an address and a User-Agent instead of them."""

from __future__ import annotations

from app import ids
from app.client.address import network_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from app.client.location import Locator, Place


class Traces:
    """Keyed hashes of who sent something, and of its network (b"" if it has none).

    They are the same in all projects; the ids made of them are not. ``address`` is
    empty when the beacon comes from the spool, which keeps its ``place`` instead.
    """

    def __init__(
        self,
        person: bytes,
        network: bytes,
        address: str = "",
        place: Place | None = None,
    ) -> None:
        self.person = person
        self.network = network
        self._address = address
        self._place = place

    def place(self, locator: Locator) -> Place | None:
        """Return where the sender is, None if that cannot be told."""
        return locator.find(self._address) if self._address else self._place


def traces_of(secret: bytes, address: str, user_agent: str) -> Traces:
    """Return the traces of a sender who is there himself."""
    person = ids.keyed_bytes(secret, "person", address, user_agent)
    network = network_of(address)
    hashed = ids.keyed_bytes(secret, "network", network) if network else b""
    return Traces(person, hashed, address)
