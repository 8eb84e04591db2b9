"""An FTP server for one account: python -m tests.hosting.ftp_server HOME UID GID.

It prints the port that it listens on. Uploaded files belong to the user, as on a host.
"""

from __future__ import annotations

import logging
import os
import sys
import warnings

USER, PASSWORD = "alice", "ftp-password"


def main(home: str, uid: int, gid: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pyftpdlib.authorizers import DummyAuthorizer
        from pyftpdlib.handlers import FTPHandler
        from pyftpdlib.servers import FTPServer
    logging.basicConfig(level=logging.ERROR)
    authorizer = DummyAuthorizer()
    authorizer.add_user(USER, PASSWORD, home, perm="elradfmwMT")
    FTPHandler.authorizer = authorizer
    server = FTPServer(("127.0.0.1", 0), FTPHandler)
    # Last, for the user may not be able to read our Python and its modules.
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    os.umask(0o022)
    print(server.address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
