"""What a database means by its refusal, in plain words, and what to do about it."""

from __future__ import annotations

import re

# The most telling first: where a socket and a network were tried, each has a number.
CAUSES = (
    (
        r"\(1045,",
        "The database refuses the user name or the password.",
        "Copy both from the control panel once more. Many hosts put your account's name"
        " before the user's (account_user). If the password is new, wait a minute.",
    ),
    (
        r"\(1044,|\(1142,",
        "The user has no rights on this database.",
        "In the control panel add the user to the database, with all rights.",
    ),
    (
        r"\(1049,",
        "There is no database of this name.",
        "Make it in the control panel first. Many hosts put your account's name before"
        " it (account_stats).",
    ),
    (
        r"cryptography|caching_sha2|sha256_password",
        "The account signs in by caching_sha2_password, which over an open connection"
        " needs a package that is missing here (cryptography).",
        "Use localhost, so that a socket is used, or a host that offers TLS; or have"
        " the control panel set the account to mysql_native_password.",
    ),
    (
        r"\((1040|1203|1226),",
        "The database has no connection left for this account.",
        "Wait a minute, and ask your host how many connections you have.",
    ),
    (
        r"\(1130,",
        "The database lets nobody in from this server.",
        "In the control panel allow this server's address (remote MySQL), or use the"
        " host name that the panel shows.",
    ),
    (
        r"\(2005,|Name or service not known|getaddrinfo|No address associated|idna",
        "There is no server of this name.",
        "Look in the control panel for the database's host; it often is localhost.",
    ),
    (
        r"timed out",
        "The server does not answer: a firewall is in between, or it is another host.",
        "Look in the control panel for the database's host and port.",
    ),
    (
        r"\(2002,|\(2003,|Can't connect",
        "Nothing listens there.",
        "Look in the control panel for the database's host, port or socket. Where"
        " localhost does not work, 127.0.0.1 may, or a name like mysql.example.com.",
    ),
)


def explain(said: str) -> tuple[str, str]:
    """Return the cause of what a database said, and what to do; empty if unknown."""
    for pattern, cause, cure in CAUSES:
        if re.search(pattern, said):
            return cause, cure
    return "", ""


def cure(said: str) -> str:
    """Return what to do about it, or that the settings are to be compared."""
    cause, todo = explain(said)
    if cause:
        return f"{cause} {todo}"
    return "Compare [database] url in config.ini with what the control panel says."
