"""python -m bench.cluster [SECONDS [WRITERS]]: Galera nodes that die under a stream.

Two plain servers take a steady stream of beacons. Each knows all three nodes and begins
with another one, if WRITERS is not 1: the same visitors are then written on two nodes
at once, which is harder than docs/scaling.md advises. Every tenth beacon is sent to
both servers. Two nodes are killed with -9, one after the other, and brought back; what
a server did not accept is sent again, as the tag does.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from bench.beacons import RETURNING, traffic
from bench.place import SERVER, Place, drain, serving
from bench.recount import Recount, recount
from bench.stream import Sent, Stream, failures
from bench.table import Line, all_but_5_percent, middle, none, show
from tests import mariadb_server
from tests.mariadb_server import MariadbServer

SECONDS = 90
PACE = 30
TWICE_EVERY = 10
PATIENCE = 60
WAIT_SECONDS = 120
PROVIDERS = (
    "/usr/lib/galera/libgalera_smm.so",
    "/usr/lib64/galera-4/libgalera_smm.so",
    "/usr/lib64/galera/libgalera_smm.so",
)
COMMAND = "make cluster-test"
FAILURES = ("wsrep_local_cert_failures", "wsrep_local_bf_aborts")


class Node(MariadbServer):
    """A MariaDB server that is a node of a Galera cluster."""

    def __init__(self, provider: str) -> None:
        super().__init__(*SERVER)
        self.group_port = mariadb_server.free_port()
        ports = [mariadb_server.free_port() for _ in range(2)]
        self._own = (
            "--wsrep-on=ON",
            f"--wsrep-provider={provider}",
            "--wsrep-cluster-name=porthole",
            "--wsrep-node-address=127.0.0.1",
            f"--wsrep-node-name=n{self.group_port}",
            "--wsrep-sst-method=rsync",
            f"--wsrep-sst-receive-address=127.0.0.1:{ports[0]}",
            f"--wsrep-provider-options=gmcast.listen_addr=tcp://127.0.0.1:"
            f"{self.group_port};ist.recv_addr=127.0.0.1:{ports[1]}",
            "--binlog-format=ROW",
            "--innodb-autoinc-lock-mode=2",
        )

    def join(self, nodes: list[Node], *more: str) -> None:
        """Start as one of ``nodes``; the first of all is started with none."""
        self._know(nodes, *more)
        self.start()
        _wait(lambda: self.status("wsrep_local_state_comment") == "Synced")

    def _know(self, nodes: list[Node], *more: str) -> None:
        addresses = ",".join(f"127.0.0.1:{node.group_port}" for node in nodes)
        address = f"--wsrep-cluster-address=gcomm://{addresses}"
        self.options = (*SERVER, *self._own, address, *more)

    def install(self) -> None:
        """Make an empty data folder; nodes do not run as root, for rsync would not."""
        super().install()
        if os.geteuid() == 0:
            command = ["chown", "-R", "mysql", str(self.folder)]
            subprocess.run(command, check=True)

    def command(self, *more: str) -> list[str]:
        """Return what starts the node."""
        command = super().command(*more)
        return [part.replace("--user=root", "--user=mysql") for part in command]

    def come_back(self, nodes: list[Node]) -> None:
        """Start again after a kill, from where InnoDB was, as Debian's service does."""
        self._know(nodes)
        done = subprocess.run(
            self.command("--wsrep-recover"), capture_output=True, text=True, check=True
        )
        [position] = re.findall(r"Recovered position:? (\S+:-?\d+)", done.stderr)
        self.join(nodes, f"--wsrep-start-position={position}")

    def status(self, name: str) -> str:
        """Return a status variable; '' if the node says nothing."""
        try:
            with self.connect() as connection, connection.cursor() as cursor:
                cursor.execute("SHOW GLOBAL STATUS LIKE %s", (name,))
                found = cursor.fetchone()
        except Exception:
            return ""
        return str(found[1]) if found else ""


def _wait(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not is_so():
        if time.monotonic() > deadline:
            raise RuntimeError("the cluster does not get there")
        time.sleep(0.1)


@contextmanager
def cluster(provider: str) -> Iterator[list[Node]]:
    """Give three nodes that are one cluster."""
    nodes = [Node(provider) for _ in range(3)]
    try:
        for number, node in enumerate(nodes):
            node.install()
            node.join(nodes[:number])
        yield nodes
    finally:
        for node in nodes[::-1]:
            node.__exit__()


def _config(place: Place, folder: Path, nodes: list[Node]) -> str:
    """Write the config.ini of a server that asks the nodes in this order."""
    hosts = ",".join(f"127.0.0.1:{node.port}" for node in nodes)
    url = f"url = mysql://root@{hosts}/porthole"
    text = re.sub(r"(?m)^url = .*$", url, Path(place.path).read_text())
    folder.mkdir()
    path = folder / "config.ini"
    path.write_text(text)
    return str(path)


def _nodes_die(nodes: list[Node], seconds: float, begun: float) -> None:
    """Kill the first two nodes, one after the other, each after the other is back."""
    for number, node in enumerate(nodes[:2]):
        due = begun + seconds * (1 + 2 * number) / 5
        time.sleep(max(0.0, due - time.monotonic()))
        node.kill()
        print(f"killed a node at {time.monotonic() - begun:.0f} s", file=sys.stderr)
        time.sleep(seconds / 5)
        node.come_back([other for other in nodes if other is not node])
        print(f"it was back at {time.monotonic() - begun:.0f} s", file=sys.stderr)


def _checksums(node: Node) -> dict[str, Any]:
    with node.connect("porthole") as connection, connection.cursor() as cursor:
        cursor.execute("SHOW TABLES")
        tables = ", ".join(name for (name,) in cursor.fetchall())
        cursor.execute(f"CHECKSUM TABLE {tables}")
        return dict(cursor.fetchall())


def _agree(nodes: list[Node]) -> bool:
    committed = {node.status("wsrep_last_committed") for node in nodes}
    sizes = {node.status("wsrep_cluster_size") for node in nodes}
    return len(committed) == 1 and sizes == {str(len(nodes))}


def run(nodes: list[Node], folder: Path, seconds: int, writers: int) -> list[Line]:
    """Send for so long, kill nodes meanwhile, and return the lines."""
    place = Place(folder, nodes[0], "cookie")
    paths = [
        _config(place, folder / str(server), nodes[first:] + nodes[:first])
        for server, first in enumerate((0, writers - 1))
    ]
    round_ = traffic(place, 1, RETURNING, PACE * seconds // 3)
    beacons = [
        beacon
        for number, beacon in enumerate(round_.before + round_.beacons)
        for _ in range(1 if number % TWICE_EVERY else 2)
    ][: PACE * seconds]
    with ExitStack() as stack:
        ports = [stack.enter_context(serving(path)).port for path in paths]
        stream = Stream(ports, beacons, PACE, PATIENCE)
        with ThreadPoolExecutor(1) as other:
            killing = other.submit(_nodes_die, nodes, seconds, time.monotonic())
            sent = stream.send()
            killing.result()
    for path in paths:
        drain(path)
    _wait(lambda: _agree(nodes))
    accepted = [one.id for one in sent if one.is_accepted]
    found = [recount(place, accepted, node.connect("porthole")) for node in nodes]
    checksums = [_checksums(node) for node in nodes]
    differ = sum(len(set(values)) > 1 for values in zip(*map(_values, checksums)))
    return _lines(sent, found, differ, nodes)


def _values(checksums: dict[str, Any]) -> list[tuple[str, Any]]:
    return sorted(checksums.items())


def _lines(
    sent: list[Sent], found: list[Recount], differ: int, nodes: list[Node]
) -> list[Line]:
    taken = [one.milliseconds for one in sent]
    again = sum(one.tries > 1 for one in sent)
    queued = sum(one.said == "202" for one in sent)
    conflicts = sum(int(node.status(name)) for node in nodes for name in FAILURES)
    worst = max(found, key=sum)
    return [
        Line("beacons sent", len(sent), 0, "", 0, COMMAND),
        Line("sent more than once", again, 0, "", 0, COMMAND),
        Line("waited in the spool", queued, 0, "", 0, COMMAND),
        Line("conflicts between nodes, tried again", conflicts, 0, "", 0, COMMAND),
        Line("until accepted: median", middle(taken), 0, "ms", 0, COMMAND),
        Line("until accepted: 95 %", all_but_5_percent(taken), 0, "ms", 0, COMMAND),
        Line("until accepted: the slowest", max(taken), 0, "ms", 0, COMMAND),
        none("not accepted", len(failures(sent)), COMMAND),
        *worst.lines("on the worst node", COMMAND),
        none("tables that differ between nodes", differ, COMMAND),
    ]


def main(seconds: int = SECONDS, writers: int = 2) -> int:
    """Print the table; 1 if something that must not be is."""
    provider = next((path for path in PROVIDERS if Path(path).exists()), "")
    if not provider or not mariadb_server.is_installed():
        print("This needs MariaDB, Galera and rsync. Debian and Ubuntu:")
        print("  apt install mariadb-server galera-4 rsync")
        return 2
    with tempfile.TemporaryDirectory(prefix="porthole-cluster-") as folder:
        with cluster(provider) as nodes:
            lines = run(nodes, Path(folder), seconds, writers)
    print(show(lines))
    return 0 if all(line.is_kept for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
