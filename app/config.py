"""config.ini, read once, checked, and frozen."""

from __future__ import annotations

import os
import re

from app.client import address
from app.client.url import split_url
from app.db import hosts
from app.problems import InvalidInput
from app.projects import domains

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class Config:
    """Every setting, typed, frozen; relative files are already absolute."""

    path: str
    trusted_proxies: tuple[address.Network, ...]
    hot_door: bool
    public_url: str
    destinations: tuple[str, ...]
    database_url: str
    timeout_seconds: int
    database_max_bytes: int
    admin_key: str
    secret: bytes
    var: str
    geoip: str
    snippet_path: str
    spool_max_bytes: int
    retention_days: int

    def __init__(self, **settings: object) -> None:
        # typing.NamedTuple would add 15 ms to every beacon under CGI.
        self.__dict__.update(settings)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("the configuration does not change")

    def __repr__(self) -> str:
        return f"Config({self.path!r})"


ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

KEYS = {
    "server": ("trusted_proxies", "public_url", "hot_door"),
    "database": ("url", "timeout_seconds", "max_mb"),
    "security": ("admin_key", "secret"),
    "files": ("var", "geoip"),
    "links": ("destinations",),
    "snippet": ("path",),
    "spool": ("max_mb",),
    "retention": ("days",),
}

# Text, not a pattern: compiled where it is set, and not in each process.
PUBLIC_URL = r"https?://[A-Za-z0-9.:_\[\]-]+(/[A-Za-z0-9._~/-]*)?"

_SECTIONS = "[" + "], [".join(KEYS) + "]"

DEFAULTS = {
    ("server", "hot_door"): "yes",
    ("database", "url"): "sqlite:///var/porthole.sqlite",
    ("database", "timeout_seconds"): "5",
    ("database", "max_mb"): "0",
    ("files", "var"): "var",
    ("files", "geoip"): "var/geoip.mmdb",
    ("links", "destinations"): "any",
    ("snippet", "path"): "/w/page.js",
    ("spool", "max_mb"): "50",
    ("retention", "days"): "0",
}

MIN_RETENTION_DAYS, MAX_RETENTION_DAYS = 7, 36_500
"""A week, because beacons may come two days late, and the spool some more."""
ANY, OWN = ("any",), ("own",)
"""Where short links may lead, if not to domains that are named."""

_SNIPPET_PATH = r"(?a)/([\w-]+/)+[\w.-]+\.js"
_OWN_FOLDERS = ("/api/", "/snippet/", "/l/")

SETTING_UP = "; Porthole is being set up here"
"""How a config.ini begins that is none yet: /setup looks whether it is refused."""


class ConfigError(Exception):
    """config.ini cannot be used; the message says where and what is accepted."""


class ConfigMissing(ConfigError):
    """There is no config.ini yet."""


def default_path() -> str:
    """Return where config.ini is: ``PORTHOLE_CONFIG``, or beside the program."""
    path = os.environ.get("PORTHOLE_CONFIG") or os.path.join(ROOT, "config.ini")
    return os.path.abspath(path)


def load(
    path: str | None = None, environment: Mapping[str, str] = os.environ
) -> Config:
    """Return the settings of the file at ``path``.

    :raise ConfigError: the file or one of its values cannot be used.
    """
    path = os.path.abspath(path or default_path())
    values = _parse(path)
    for section, keys in KEYS.items():
        for key in keys:
            override = environment.get(f"PORTHOLE_{section}_{key}".upper())
            if override is not None:
                values[section, key] = override
    return _Reader(path, values).config()


def _lines(path: str) -> list[str]:
    try:
        with open(path, "rb") as file:
            # The codec that takes off the mark would be another import.
            lines = file.read().decode().removeprefix("\ufeff").splitlines()
    except FileNotFoundError:
        lines = [SETTING_UP]
    except (OSError, UnicodeDecodeError) as problem:
        raise ConfigError(f"{path} cannot be read: {problem}") from None
    # A full disk leaves an empty file.
    if lines[:1] in ([], [SETTING_UP]):
        raise ConfigMissing(
            f"{path} is missing. Copy config.example.ini to it and fill it in,"
            " or run: python -m app setup, or open /setup in a browser"
        )
    return lines


def _parse(path: str) -> dict[tuple[str, str], str]:
    """Return the values in the file. configparser would cost a beacon 15 ms."""
    values: dict[tuple[str, str], str] = {}
    section = ""
    for number, line in enumerate(_lines(path), 1):
        line = line.strip()
        if not line or line[0] in ";#":
            continue
        if line[0] == "[" and line[-1] == "]":
            section = line[1:-1].strip().lower()
            if section not in KEYS:
                raise ConfigError(
                    f"{path}, line {number}: [{section}] is not a section."
                    f" Accepted: {_SECTIONS}"
                )
            continue
        key, equals, value = line.partition("=")
        key = key.strip().lower()
        if not equals or key not in KEYS.get(section, ()):
            known = ", ".join(KEYS.get(section, ())) or _SECTIONS
            # Anything but a plain word may be a secret that slipped out of its line.
            is_word = equals and len(key) <= 24 and key.replace("_", "").isalpha()
            shown = repr(key) if is_word else "this line"
            raise ConfigError(
                f"{path}, line {number}: [{section}] {shown} is not a setting."
                f" Accepted here: {known}"
            )
        values[section, key] = value.strip()
    return values


class _Reader:
    """Turns the file's text into typed values, or says what is wrong with it."""

    def __init__(self, path: str, values: dict[tuple[str, str], str]) -> None:
        self.path = path
        self.values = values

    def config(self) -> Config:
        return Config(
            path=self.path,
            trusted_proxies=self._networks("server", "trusted_proxies"),
            hot_door=self._flag("server", "hot_door"),
            public_url=self._public_url("server", "public_url"),
            destinations=self._destinations("links", "destinations"),
            database_url=self._database_url(),
            timeout_seconds=self._integer("database", "timeout_seconds", 1, 60),
            database_max_bytes=self._megabytes("database", "max_mb", 10_000_000),
            admin_key=self._secret("security", "admin_key"),
            secret=self._secret("security", "secret").encode(),
            var=self._file("files", "var"),
            geoip=self._file("files", "geoip"),
            snippet_path=self._snippet_path(),
            spool_max_bytes=self._megabytes("spool", "max_mb", 100_000),
            retention_days=self._retention_days(),
        )

    def _text(self, section: str, key: str) -> str:
        return self.values.get((section, key)) or DEFAULTS.get((section, key), "")

    def _refuse(self, section: str, key: str, accepted: str) -> ConfigError:
        shown = "" if section == "security" else f" = {self._text(section, key)!r}"
        if (section, key) == ("database", "url"):
            shown = ""  # it holds a password
        return ConfigError(f"{self.path}: [{section}] {key}{shown}: {accepted}")

    def _networks(self, section: str, key: str) -> tuple[address.Network, ...]:
        text = self._text(section, key)
        if not text:
            return ()
        try:
            return address.parse_networks(text)
        except ValueError as problem:
            accepted = f"{problem}; give addresses or CIDR networks, such as 10.0.0.0/8"
            raise self._refuse(section, key, accepted) from None

    def _public_url(self, section: str, key: str) -> str:
        text = self._text(section, key).rstrip("/")
        try:
            if text and not re.fullmatch(PUBLIC_URL, text):
                raise ValueError(text)
            if text:
                split_url(text)
        except ValueError:
            accepted = "give where Porthole is, such as https://stats.example.com"
            raise self._refuse(section, key, accepted) from None
        return text

    def _destinations(self, section: str, key: str) -> tuple[str, ...]:
        names = self._text(section, key).replace(",", " ").split()
        if tuple(names) in (ANY, OWN):
            return tuple(names)
        try:
            return tuple(domains.parse(name) for name in names)
        except InvalidInput as problem:
            accepted = f"{problem}; give any, own, or domains separated by commas"
            raise self._refuse(section, key, accepted) from None

    def _flag(self, section: str, key: str) -> bool:
        text = self._text(section, key).lower()
        if text not in ("yes", "no", "true", "false", "on", "off", "1", "0"):
            raise self._refuse(section, key, "give yes or no")
        return text in ("yes", "true", "on", "1")

    def _integer(self, section: str, key: str, low: int, high: int) -> int:
        text = self._text(section, key)
        digits = text.isascii() and text.isdigit() and len(text) < 10
        if not digits or not low <= int(text) <= high:
            raise self._refuse(section, key, f"give a number from {low} to {high}")
        return int(text)

    def _megabytes(self, section: str, key: str, high: int) -> int:
        """Return bytes."""
        return self._integer(section, key, 0, high) * 1_000_000

    def _retention_days(self) -> int:
        days = self._integer("retention", "days", 0, MAX_RETENTION_DAYS)
        if days and days < MIN_RETENTION_DAYS:
            accepted = f"give 0 for ever, or at least {MIN_RETENTION_DAYS} days"
            raise self._refuse("retention", "days", accepted)
        return days

    def _secret(self, section: str, key: str) -> str:
        text = self._text(section, key)
        if len(text) < 32 or not text.isascii():
            accepted = "give at least 32 random characters (python -m app setup does)"
            raise self._refuse(section, key, accepted)
        return text

    def _file(self, section: str, key: str) -> str:
        text = os.path.expanduser(self._text(section, key))
        return os.path.join(os.path.dirname(self.path), text)

    def _snippet_path(self) -> str:
        path = self._text("snippet", "path")
        if path == DEFAULTS["snippet", "path"]:
            return path
        if not re.fullmatch(_SNIPPET_PATH, path) or path.startswith(_OWN_FOLDERS):
            accepted = "give a folder of your own and a file, such as /w/page.js"
            raise self._refuse("snippet", "path", accepted)
        return path

    def _database_url(self) -> str:
        url = self._text("database", "url")
        if url.startswith("sqlite:///"):
            folder = os.path.dirname(self.path)
            return "sqlite:///" + os.path.join(folder, url[len("sqlite:///") :])
        if not url.startswith("mysql://"):
            accepted = "give mysql://user:password@host/name or sqlite:///file"
            raise self._refuse("database", "url", accepted)
        try:
            hosts.check_url(url)
        except ValueError as problem:
            accepted = (
                f"{problem}; give mysql://user:password@host:3306/name, and write"
                " @ : / % # ? in user or password as %40 %3A %2F %25 %23 %3F"
            )
            raise self._refuse("database", "url", accepted) from None
        return url
