"""A beacon on persistent servers, beside the bare cost of its own SQL.

The same kind of traffic goes through the front door and, as the text of the statements
that it leads to, straight to the database on one connection. Rounds alternate.
"""

from __future__ import annotations

import json
import random
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

import pymysql

from app import db, front
from app.db import migrate
from app.db.mysql import SESSION
from bench.place import Place, key, place
from bench.table import Line, middle
from tests.hosting import servers
from tests.wsgi import BROWSER, call

VISITS = 400
VIEWS_A_VISIT = (1, 1, 2, 2, 2, 3, 3, 3, 3, 5)
"""2.5 on average."""
RETURNING = 0.45
ROUNDS = 5
WARM_UP = 1
"""So many rounds before that, which do not count."""
A_DAY_AGO = 26 * 3600
COUNTED = b'"data":{"counted":true}}'
COMMAND = "python -m bench beacons"
NO_PASSENGER = (
    "Passenger is not installed, so its lines are left out."
    " Debian: apt install libapache2-mod-passenger."
)


class Beacon(NamedTuple):
    """A pageview as a browser sends it, from an address of its own."""

    address: str
    body: bytes

    @property
    def id(self) -> str:
        """The id under which it counts once."""
        found: str = json.loads(self.body)["id"]
        return found

    def headers(self) -> dict[str, str]:
        """Return what a browser and the proxy before us send."""
        return {
            **BROWSER,
            "X-Forwarded-For": self.address,
            "Origin": "https://bench.example",
            "Content-Type": "text/plain",
        }


class Traffic(NamedTuple):
    """``before`` makes visitors known a day ago; ``beacons`` are measured."""

    before: list[Beacon]
    beacons: list[Beacon]


def traffic(place: Place, seed: int, returning: float, visits: int = VISITS) -> Traffic:
    """Return one round: the same visits for the same seed, of people never seen."""
    dice = random.Random(seed)
    before, views = [], []
    for number in range(visits):
        cookie = key()
        address = f"10.{seed % 200}.{number // 250}.{number % 250 + 1}"
        is_known = dice.random() < returning
        if is_known:
            before.append(_beacon(place, address, cookie, "/home", A_DAY_AGO))
        start = dice.random()
        for step in range(dice.choice(VIEWS_A_VISIT)):
            path = f"/{dice.randrange(40)}-{step}"
            views.append((start + step / 50, _beacon(place, address, cookie, path, 0)))
    return Traffic(before, [beacon for _, beacon in sorted(views, key=lambda v: v[0])])


def _beacon(place: Place, address: str, cookie: str, path: str, age: int) -> Beacon:
    body = {
        "public_key": place.public_key,
        "url": f"https://bench.example{path}",
        "page_title": f"Page {path}",
        "screen_resolution": "1920x1080",
        "timezone": "Europe/Berlin",
        "visitor_id": cookie,
        "session_token": cookie,
        "id": key(),
        "age": age,
    }
    return Beacon(address, json.dumps(body).encode())


def measure(returning: float, who: str) -> list[Line]:
    """Return milliseconds a beacon: through each server, and of its bare SQL."""
    with place() as there, ExitStack() as running:
        _second_database(there)
        ports = {"plain server": running.enter_context(there.serve()).port}
        if servers.has_passenger():
            ports["Passenger"] = running.enter_context(there.serve_by_passenger())
        served: dict[str, list[float]] = {server: [] for server in ports}
        bare: list[float] = []
        for seeds in _seeds(len(ports) + 1):
            rounds = [traffic(there, seed, returning) for seed in seeds]
            for server, round_ in zip(ports, rounds):
                served[server].append(_through_the_door(ports[server], round_))
            bare.append(_bare(there, rounds[-1]))
    return [
        Line(
            f"warm beacon, {server}, {who} / its SQL alone",
            middle(served[server][WARM_UP:]),
            middle(bare[WARM_UP:]),
            "ms",
            2.5,
            COMMAND,
        )
        for server in ports
    ]


def _seeds(count: int) -> Iterator[range]:
    """Return the seeds of each round, one for each of ``count`` that take turns."""
    for number in range(WARM_UP + ROUNDS):
        yield range(number * count, (number + 1) * count)


def _second_database(place: Place) -> None:
    """Make a database with the same project in it."""
    place.server.create_database("bare")
    database = db.connect(place.server.url("bare"), 5)
    migrate.migrate(database)
    database.close()
    with place.server.connect() as connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO bare.ph_projects SELECT * FROM porthole.ph_projects"
        )


def _through_the_door(port: int, round_: Traffic) -> float:
    """Return the milliseconds that a beacon took, one after another."""
    with Client(port) as client:
        for beacon in round_.before:
            client.count(beacon)
        start = time.perf_counter()
        for beacon in round_.beacons:
            client.count(beacon)
        return (time.perf_counter() - start) * 1000 / len(round_.beacons)


class Client:
    """Sends beacons on one connection, as long as the server keeps it.

    It costs next to nothing: what is measured is the server. The statements that this
    is compared with have one connection too.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection: socket.socket | None = None

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *exception: object) -> None:
        self._hang_up()

    def count(self, beacon: Beacon) -> None:
        """Send a pageview.

        :raise RuntimeError: it is not counted.
        """
        if self._connection is None:
            self._connection = _connect(self._port)
        self._connection.sendall(_request(self._port, beacon, "keep-alive"))
        said = b""
        is_kept = True
        while not (is_kept and said.endswith(COUNTED)):
            received = self._connection.recv(4096)
            if not received:
                self._hang_up()
                break
            said += received
            is_kept = b"HTTP/1.1" in said and b"\r\nConnection: close" not in said
        if not said.endswith(COUNTED):
            raise RuntimeError(said.decode())

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def post(port: int, beacon: Beacon) -> bytes:
    """Return what the server says, headers included, on a connection of its own.

    :raise OSError: it says nothing.
    """
    with _connect(port) as connection:
        connection.sendall(_request(port, beacon, "close"))
        return b"".join(iter(lambda: connection.recv(4096), b""))


def _connect(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), 20)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def _request(port: int, beacon: Beacon, connection: str) -> bytes:
    head = f"POST /api/track/pageview HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
    for name, value in beacon.headers().items():
        head += f"{name}: {value}\r\n"
    head += f"Content-Length: {len(beacon.body)}\r\nConnection: {connection}\r\n\r\n"
    return head.encode() + beacon.body


def _bare(place: Place, round_: Traffic) -> float:
    """Return the milliseconds that the statements of a beacon took by themselves.

    PyMySQL as it is sends them and reads the answers, in Porthole's session.
    """
    application = front.Application(place.settings)
    try:
        _record(application, round_.before[:1])
        before = _record(application, round_.before)
        texts = _record(application, round_.beacons)
    finally:
        application.close()
    with place.server.connect("bare") as connection:
        connection.query(SESSION.format(isolation="tx_isolation"))
        for text in before:
            connection.query(text)
        start = time.perf_counter()
        for text in texts:
            connection.query(text)
        seconds = time.perf_counter() - start
    return seconds * 1000 / len(round_.beacons)


def _record(application: front.Application, beacons: list[Beacon]) -> list[str]:
    """Send the beacons in this process; return the statements, as they were sent."""
    with _listening() as texts:
        for beacon in beacons:
            call(
                application,
                "POST",
                "/api/track/pageview",
                beacon.body,
                beacon.headers(),
                "127.0.0.1",
            )
    return texts


@contextmanager
def _listening() -> Iterator[list[str]]:
    texts: list[str] = []
    execute = pymysql.connections.Connection._execute_command

    def listen(connection: Any, command: int, sql: Any) -> Any:
        if command == pymysql.constants.COMMAND.COM_QUERY:
            texts.append(sql if isinstance(sql, str) else sql.decode("utf8"))
        return execute(connection, command, sql)

    pymysql.connections.Connection._execute_command = listen
    try:
        yield texts
    finally:
        pymysql.connections.Connection._execute_command = execute


def lines() -> list[Line]:
    """Return the lines of the table."""
    if not servers.has_passenger():
        print(NO_PASSENGER, file=sys.stderr)
    return [
        *measure(RETURNING, "usual mix"),
        *measure(0.0, "all new visitors"),
    ]
