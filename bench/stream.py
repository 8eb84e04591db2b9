"""Beacons sent at a steady pace by several processes, as many browsers would."""

from __future__ import annotations

import multiprocessing
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from bench.beacons import Beacon, post

CLIENTS = 4
THREADS = 24
RETRY_SECONDS = 0.5


class Sent(NamedTuple):
    """A beacon's answer: a status, or why there was none; how often it was sent."""

    id: str
    said: str
    milliseconds: float
    tries: int

    @property
    def is_accepted(self) -> bool:
        """Whether the sender need not send it again."""
        return self.said in ("200", "202")


class Stream:
    """Sends the beacons, ``pace`` a second, to the ports in turn.

    What is not accepted is sent again, to the next port, for ``patience`` seconds.
    """

    def __init__(
        self,
        ports: list[int],
        beacons: list[Beacon],
        pace: float,
        patience: float = 0,
    ) -> None:
        self._ports = ports
        self._beacons = list(enumerate(beacons))
        self._pace = pace
        self._patience = patience
        self._start = time.monotonic() + 1

    def send(self) -> list[Sent]:
        """Return what became of each beacon, in no order."""
        with multiprocessing.get_context("fork").Pool(CLIENTS) as pool:
            parts = pool.map(self._send_part, range(CLIENTS))
        return [sent for part in parts for sent in part]

    def _send_part(self, client: int) -> list[Sent]:
        with ThreadPoolExecutor(THREADS) as threads:
            return list(threads.map(self._send_one, self._beacons[client::CLIENTS]))

    def _send_one(self, numbered: tuple[int, Beacon]) -> Sent:
        number, beacon = numbered
        due = self._start + number / self._pace
        time.sleep(max(0.0, due - time.monotonic()))
        tries = 0
        while True:
            port = self._ports[(number + tries) % len(self._ports)]
            said = _said(port, beacon)
            tries += 1
            # From when it was due: a client that is behind must not hide it.
            taken = time.monotonic() - due
            sent = Sent(beacon.id, said, taken * 1000, tries)
            if sent.is_accepted or taken > self._patience:
                return sent
            time.sleep(RETRY_SECONDS)


def _said(port: int, beacon: Beacon) -> str:
    try:
        return post(port, beacon).split(b" ", 2)[1].decode()
    except (OSError, IndexError) as error:
        return repr(error)


def failures(sent: list[Sent]) -> list[str]:
    """Return what those were told that were not accepted; it is printed too."""
    found = [one.said for one in sent if not one.is_accepted]
    for said, count in Counter(found).items():
        print(f"{count} times: {said}", file=sys.stderr)
    return found
