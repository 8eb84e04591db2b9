"""Connections by a Unix socket, without the module socket.

That takes a beacon under CGI 3 ms to import, nearly all of it for enumerations.
"""

from __future__ import annotations

import _socket
import io

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

AF_UNIX = getattr(_socket, "AF_UNIX", None)  # Windows has none
SOCK_STREAM = _socket.SOCK_STREAM


class UnixSocket(_socket.socket):
    """What PyMySQL needs of one."""

    def makefile(self, mode: str) -> io.BufferedReader:
        """Return a file to read from; closing it leaves the socket open."""
        return io.BufferedReader(_Stream(self))


class _Stream(io.RawIOBase):
    def __init__(self, socket: UnixSocket) -> None:
        self._socket = socket

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._socket.recv_into(buffer)
