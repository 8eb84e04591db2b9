#!/usr/bin/python3 -ISXcrlf
"""Where CGI comes in: finds the folder porthole, here or above, and runs it.

It must parse on old Pythons too. "crlf" in the first line means nothing to Python, but
takes in the carriage return that an upload as text may put there.
"""

import os
import sys

ME = os.path.abspath(__file__)
LEVELS = 4


def find():
    """Return the folder porthole; one of another owner may be a neighbour's."""
    folder = os.path.dirname(ME)
    for _ in range(LEVELS):
        entry = os.path.join(folder, "porthole", "passenger_wsgi.py")
        if os.path.isfile(entry) and os.stat(entry).st_uid == os.stat(ME).st_uid:
            return os.path.dirname(entry)
        folder = os.path.dirname(folder)
    return None


program = find()
if program:
    compiled = os.path.join(program, "var", "pyc")
    # passenger_wsgi makes it; a folder of others might hold code of theirs.
    if os.path.isdir(compiled) and os.stat(compiled).st_uid == os.geteuid():
        sys.pycache_prefix = compiled
    sys.path.insert(0, program)
    import passenger_wsgi

    passenger_wsgi.run_as_cgi()
else:
    sys.stderr.write("porthole: no folder porthole beside or above %s\n" % ME)
    sys.stdout.write(
        "Status: 500 Internal Server Error\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n\r\n"
        "Porthole cannot start. Its folder, porthole, is missing: upload it beside"
        " the folder that app.cgi is in, or into that folder, as the same user.\n"
    )
