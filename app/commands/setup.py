"""setup and migrate: config.ini with fresh secrets, and the schema."""

from __future__ import annotations

import contextlib
import os
import re
import secrets

from app import config, db
from app.db import migrate

EXAMPLE = os.path.join(config.ROOT, "config.example.ini")
DATABASE_URL = re.compile(r"^(url)[ \t]*=[^\r\n]*", re.MULTILINE)
PUBLIC_URL = re.compile(r"^(public_url)[ \t]*=[^\r\n]*", re.MULTILINE)
EMPTY_SECRET = re.compile(r"^(admin_key|secret)[ \t]*=[ \t]*(?=\r?$)", re.MULTILINE)


class CannotSetUp(Exception):
    """A file or the schema cannot be made; the message says why."""


def setup(path: str) -> list[str]:
    """Make what is missing; return a line for each thing done or found."""
    done = [create_config(path), *apply_schema(config.load(path))]
    for left in (path + ".setup", path + ".new"):  # of a set-up in the browser
        with contextlib.suppress(OSError):
            os.unlink(left)
    return done


def create_config(path: str) -> str:
    """See to it that there is a config.ini with secrets; return what was done.

    What is missing is made from the example, mode 600. In a copy of the example only
    the empty secrets are filled in.

    :raise CannotSetUp: it cannot be written.
    """
    try:
        _forget_placeholder(path)
        if not os.path.lexists(path):
            _replace(path, _with_secrets(_read(EXAMPLE)))
            return f"Wrote {path} with new secrets; only you can read it."
        if _fill_in_secrets(os.path.realpath(path)):
            return f"Filled in the secrets that {path} lacked."
    except OSError as error:
        raise CannotSetUp(f"Cannot write {path}: {error}") from None
    return f"Kept {path}."


def write_config(path: str, database_url: str, public_url: str = "") -> None:
    """Write config.ini, whole or not at all, mode 600.

    A new one gets new secrets; one that is there keeps its own.

    :raise CannotSetUp: it cannot be written.
    """
    try:
        _forget_placeholder(path)
        text = _read(path if os.path.exists(path) else EXAMPLE)
        text = DATABASE_URL.sub(lambda key: f"{key[1]} = {database_url}", text, 1)
        if public_url:
            text = PUBLIC_URL.sub(lambda key: f"{key[1]} = {public_url}", text, 1)
        _replace(path, _with_secrets(text))
    except OSError as error:
        raise CannotSetUp(f"Cannot write {path}: {error.strerror}") from None


def new_config() -> str:
    """Return the text of a config.ini with new secrets."""
    return _with_secrets(_read(EXAMPLE))


def apply_schema(settings: config.Config) -> list[str]:
    """Bring the schema up to date; return a line for each file applied.

    :raise CannotSetUp: the folder for files, or the schema, cannot be made.
    """
    try:
        os.makedirs(settings.var, mode=0o700, exist_ok=True)
    except OSError as error:
        raise CannotSetUp(f"Cannot make the folder {settings.var}: {error}") from None
    database = db.connect(
        settings.database_url, settings.timeout_seconds, migrate.PATIENCE_SECONDS
    )
    try:
        # Whether it is there at all is another question, with another answer.
        migrate.version(database)
        applied = _migrate(database)
    finally:
        database.close()
    return [f"Applied sql/{name}." for name in applied] or ["The schema is up to date."]


def _migrate(database: db.Database) -> list[str]:
    try:
        return migrate.migrate(database)
    except (migrate.WrongSchema, ImportError):
        raise
    except Exception as error:
        # Such as an account that may not create tables.
        raise CannotSetUp(f"The database refuses the schema: {error}") from error


def _forget_placeholder(path: str) -> None:
    """Delete what /setup has put in the place of a config.ini not yet written."""
    try:
        config.load(path, {})
    except config.ConfigMissing:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
    except config.ConfigError:
        return  # it is one, good or bad


def _fill_in_secrets(path: str) -> bool:
    """Return whether there was something to fill in."""
    try:
        text = _read(path)
    except (OSError, UnicodeDecodeError):
        return False  # config.load() says what is wrong with it
    if not EMPTY_SECRET.search(text):
        return False
    _replace(path, _with_secrets(text))
    return True


def _with_secrets(text: str) -> str:
    return EMPTY_SECRET.sub(lambda key: f"{key[1]} = {secrets.token_hex(32)}", text)


def _read(path: str) -> str:
    # newline="" keeps the line ends of whoever wrote it.
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


def _replace(path: str, text: str) -> None:
    """Write a file, whole or not at all."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path + ".new")  # of an attempt that was cut off
    _write_new(path + ".new", text)
    os.replace(path + ".new", path)


def _write_new(path: str, text: str) -> None:
    """Write a file that was not there, readable for its owner only."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        os.unlink(path)  # half a file would be kept for good
        raise
