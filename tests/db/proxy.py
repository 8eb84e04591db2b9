"""A proxy in front of MariaDB that loses or garbles the answer to a COMMIT."""

from __future__ import annotations

import socket
import threading


class CommitLosingProxy:
    """Cuts the connection when the server has answered the first COMMIT.

    The client cannot know then whether it was done (it was). ``garbles`` makes it
    send the answer on, with a packet number that cannot be.
    """

    def __init__(self, server_port: int, garbles: bool = False) -> None:
        self._server_port = server_port
        self._garbles = garbles
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.lost = 0
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
            with (
                client,
                socket.create_connection(("127.0.0.1", self._server_port)) as server,
            ):
                self._relay(client, server)

    def _relay(self, client: socket.socket, server: socket.socket) -> None:
        client.settimeout(0.01)
        server.settimeout(0.01)
        committing = False
        while True:
            for source, target in ((client, server), (server, client)):
                try:
                    data = source.recv(65536)
                except socket.timeout:
                    continue
                if not data:
                    return
                if source is server and committing:
                    self.lost += 1
                    if self._garbles:
                        client.sendall(data[:3] + b"\x2d" + data[4:])
                    return
                committing = (
                    source is client and data.endswith(b"\x03COMMIT") and not self.lost
                )
                target.sendall(data)
