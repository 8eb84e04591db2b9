"""Proxies in front of MariaDB: one spoils the answer to a COMMIT, one stalls."""

from __future__ import annotations

import socket
import threading


class _Proxy:
    """Listens on ``port``."""

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._relay, args=(client,), daemon=True).start()

    def _relay(self, client: socket.socket) -> None:
        to_server = socket.create_connection(("127.0.0.1", self._server_port))
        with client, to_server as server:
            client.settimeout(0.01)
            server.settimeout(0.01)
            while True:
                for source, target in ((client, server), (server, client)):
                    try:
                        data = source.recv(65536)
                    except socket.timeout:
                        continue
                    if not data or not self._pass_on(data, target, source is client):
                        return

    def _pass_on(self, data: bytes, target: socket.socket, is_sent: bool) -> bool:
        """Return whether to go on; ``is_sent``: it is the client's, not an answer."""
        raise NotImplementedError


class CommitLosingProxy(_Proxy):
    """Cuts the connection when the server has answered the first COMMIT.

    The client cannot know then whether it was done (it was). ``garbles`` makes it
    send the answer on, with a packet number that cannot be.
    """

    def __init__(self, server_port: int, garbles: bool = False) -> None:
        self._garbles = garbles
        self._committing = False
        self.lost = 0
        super().__init__(server_port)

    def _pass_on(self, data: bytes, target: socket.socket, is_sent: bool) -> bool:
        if not is_sent and self._committing:
            self._committing = False
            self.lost += 1
            if self._garbles:
                target.sendall(data[:3] + b"\x2d" + data[4:])
            return False
        self._committing = is_sent and data.endswith(b"\x03COMMIT") and not self.lost
        target.sendall(data)
        return True


class StallingProxy(_Proxy):
    """Holds back the first statement with these words.

    ``stalled`` is set when it is there, and ``go_on`` by who has waited for that.
    """

    def __init__(self, server_port: int, words: bytes) -> None:
        self._words = words
        self.stalled = threading.Event()
        self.go_on = threading.Event()
        super().__init__(server_port)

    def _pass_on(self, data: bytes, target: socket.socket, is_sent: bool) -> bool:
        if is_sent and self._words in data and not self.stalled.is_set():
            self.stalled.set()
            self.go_on.wait(60)
        target.sendall(data)
        return True
