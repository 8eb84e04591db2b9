"""config.ini: what is taken, and how the rest is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app import config

ROOT = Path(__file__).parents[1]
EXAMPLE = (ROOT / "config.example.ini").read_text()
ADMIN_KEY = "admin-key-admin-key-admin-key-admin-key"
SECRET = "secret-secret-secret-secret-secret-secret"
PASSWORD = "correct-horse-battery"
FILLED_IN = EXAMPLE.replace("admin_key =", f"admin_key = {ADMIN_KEY}").replace(
    "\nsecret =", f"\nsecret = {SECRET}"
)
PUBLIC_URL = "give where Porthole is, such as https://stats.example.com"
DESTINATIONS = "'{}' is not a domain; give any, own, or domains separated by commas"
SECTION = re.compile(r"^\[(\w+)\]$", re.MULTILINE)
KEY = re.compile(r"^(\w+) =", re.MULTILINE)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config.ini"


def load(path: Path, text: str = FILLED_IN, **environment: str) -> config.Config:
    path.write_text(text)
    return config.load(str(path), environment)


def refuse(path: Path, text: str = FILLED_IN, **environment: str) -> str:
    """Return what is said of the file, after its path."""
    with pytest.raises(config.ConfigError) as refused:
        load(path, text, **environment)
    said = str(refused.value)
    assert "\n" not in said
    assert not any(secret in said for secret in (ADMIN_KEY, SECRET, PASSWORD))
    # The cause would be printed with a traceback in a server's log.
    assert refused.value.__suppress_context__ or refused.value.__context__ is None
    assert said.startswith(str(path))
    return said[len(str(path)) :]


def with_value(section: str, key: str, value: str) -> str:
    """Return the filled-in example with another value."""
    head, mark, tail = FILLED_IN.partition(f"[{section}]\n")
    assert mark
    return head + mark + re.sub(rf"(?m)^{key} =.*$", f"{key} = {value}", tail, count=1)


def test_the_example_loads_once_it_is_filled_in(path: Path) -> None:
    settings = load(path)
    assert settings.__dict__ == {
        "path": str(path),
        "trusted_proxies": (),
        "public_url": "",
        "hot_door": True,
        "destinations": ("any",),
        "database_url": f"sqlite:///{path.parent}/var/porthole.sqlite",
        "timeout_seconds": 5,
        "database_max_bytes": 0,
        "spool_max_bytes": 50_000_000,
        "retention_days": 0,
        "admin_key": ADMIN_KEY,
        "secret": SECRET.encode(),
        "var": f"{path.parent}/var",
        "geoip": f"{path.parent}/var/geoip.mmdb",
        "snippet_path": "/w/page.js",
    }


def test_the_example_has_every_key_and_no_other() -> None:
    _, *parts = SECTION.split(EXAMPLE)
    sections = dict(zip(parts[::2], parts[1::2]))
    found = {section: tuple(KEY.findall(text)) for section, text in sections.items()}
    assert found == config.KEYS


def test_the_example_shows_the_defaults() -> None:
    _, *parts = SECTION.split(EXAMPLE)
    shown = {
        (section, key): value
        for section, text in zip(parts[::2], parts[1::2])
        for key, value in re.findall(r"^(\w+) = (.+)$", text, re.MULTILINE)
    }
    assert shown == config.DEFAULTS


def test_the_example_explains_every_key() -> None:
    lines = EXAMPLE.splitlines()
    keys = [number for number, line in enumerate(lines) if KEY.match(line)]
    assert [lines[number] for number in keys if lines[number - 1][:1] != ";"] == []


def test_every_section_has_its_attributes(path: Path) -> None:
    assert set(load(path).__dict__) == set(config.Config.__annotations__)


def test_it_takes_the_defaults_for_what_is_left_out(path: Path) -> None:
    text = f"[security]\nadmin_key = {ADMIN_KEY}\nsecret = {SECRET}\n"
    assert load(path, text).__dict__ == load(path).__dict__


@pytest.mark.parametrize(
    ("section", "key", "value", "attribute", "expected"),
    [
        ("server", "hot_door", "No", "hot_door", False),
        ("server", "hot_door", "off", "hot_door", False),
        ("server", "hot_door", "TRUE", "hot_door", True),
        ("database", "timeout_seconds", "60", "timeout_seconds", 60),
        ("files", "var", "/srv/porthole", "var", "/srv/porthole"),
        ("server", "public_url", "https://a.b/c/", "public_url", "https://a.b/c"),
        ("links", "destinations", "own", "destinations", ("own",)),
        (
            "links",
            "destinations",
            "https://www.A.example/x, b\u00fccher.example",
            "destinations",
            ("a.example", "xn--bcher-kva.example"),
        ),
        ("snippet", "path", "/a-b/c_d/x.min.js", "snippet_path", "/a-b/c_d/x.min.js"),
    ],
)
def test_it_takes_a_value(
    section: str, key: str, value: str, attribute: str, expected: object, path: Path
) -> None:
    settings = load(path, with_value(section, key, value))
    assert getattr(settings, attribute) == expected


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////srv/porthole.sqlite",
        "mysql://user:p%40ss@db.example:3307/name",
        "mysql://user:pass@one,two:3307/name",
        "mysql://user@localhost/name?unix_socket=/run/mysqld.sock",
    ],
)
def test_it_takes_a_database(url: str, path: Path) -> None:
    assert load(path, with_value("database", "url", url)).database_url == url


def test_it_takes_proxies(path: Path) -> None:
    text = with_value("server", "trusted_proxies", "10.0.0.0/8, 2001:db8::1")
    assert len(load(path, text).trusted_proxies) == 2


@pytest.mark.parametrize(
    ("section", "key", "value", "accepted"),
    [
        ("server", "hot_door", "perhaps", "give yes or no"),
        ("server", "hot_door", "yes ; always", "give yes or no"),
        ("database", "timeout_seconds", "0", "give a number from 1 to 60"),
        ("database", "timeout_seconds", "61", "give a number from 1 to 60"),
        ("database", "timeout_seconds", "-5", "give a number from 1 to 60"),
        ("database", "timeout_seconds", "2.5", "give a number from 1 to 60"),
        ("database", "timeout_seconds", "five", "give a number from 1 to 60"),
        ("database", "timeout_seconds", "٥", "give a number from 1 to 60"),
        ("database", "timeout_seconds", "9" * 40, "give a number from 1 to 60"),
        ("server", "public_url", "stats.example", PUBLIC_URL),
        ("server", "public_url", "https://stats.example:99999", PUBLIC_URL),
        ("server", "public_url", "https://a.example/?x", PUBLIC_URL),
        ("server", "public_url", "https://a.example/\u00e9", PUBLIC_URL),
        ("links", "destinations", "own, any", DESTINATIONS.format("own")),
        ("links", "destinations", "a.example, com", DESTINATIONS.format("com")),
    ],
)
def test_it_names_a_bad_value(
    section: str, key: str, value: str, accepted: str, path: Path
) -> None:
    said = refuse(path, with_value(section, key, value))
    assert said == f": [{section}] {key} = {value!r}: {accepted}"


@pytest.mark.parametrize(
    "value",
    ["page.js", "/page.js", "/w/page", "/w/../x.js", "/w//x.js", "/ä/x.js"]
    + ["/api/track/x.js", "/snippet/x.js", "/l/x.js", "https://a.b/w/x.js"],
)
def test_it_names_a_bad_snippet_path(value: str, path: Path) -> None:
    said = refuse(path, with_value("snippet", "path", value))
    accepted = "give a folder of your own and a file, such as /w/page.js"
    assert said == f": [snippet] path = {value!r}: {accepted}"


@pytest.mark.parametrize("item", ["10.0.0.0/33", "proxy.example", "10.0.0", "::g"])
def test_it_names_a_bad_proxy(item: str, path: Path) -> None:
    value = f"127.0.0.1, {item}"
    said = refuse(path, with_value("server", "trusted_proxies", value))
    assert said.startswith(f": [server] trusted_proxies = {value!r}: {item!r} is no ")
    assert said.endswith("give addresses or CIDR networks, such as 10.0.0.0/8")


@pytest.mark.parametrize(
    "url",
    [
        f"postgres://u:{PASSWORD}@h/name",
        f"u:{PASSWORD}@h/name",
        "sqlite://porthole.sqlite",
        "porthole.sqlite",
        f"mysql://u:{PASSWORD}@h",
        f"mysql://u:{PASSWORD}@h/",
        f"mysql://u:{PASSWORD}@h:port/name",
        f"mysql://u:{PASSWORD}@h:99999/name",
        f"mysql://u:{PASSWORD}/x@h/name",
        f"mysql://u:{PASSWORD}#x@h/name",
        f"mysql://u:{PASSWORD}?x@h/name",
        f"mysql://u:{PASSWORD}%ff@h/name",
    ],
)
def test_it_does_not_show_the_database_url(url: str, path: Path) -> None:
    said = refuse(path, with_value("database", "url", url))
    assert said.startswith(": [database] url: ")
    assert "give mysql://user:password@host" in said


@pytest.mark.parametrize("key", ["admin_key", "secret"])
@pytest.mark.parametrize("value", ["", "hunter2", "hunter2" * 4])
def test_it_does_not_show_a_secret(key: str, value: str, path: Path) -> None:
    said = refuse(path, with_value("security", key, value))
    assert said == (
        f": [security] {key}: give at least 32 random characters"
        " (python -m app setup does)"
    )


def test_it_names_a_key_it_does_not_know(path: Path) -> None:
    text = EXAMPLE.replace("hot_door", "hot_dor")
    line = text[: text.index("hot_dor")].count("\n") + 1
    assert refuse(path, text) == (
        f", line {line}: [server] 'hot_dor' is not a setting."
        " Accepted here: trusted_proxies, public_url, hot_door"
    )


def test_it_names_a_key_in_another_section(path: Path) -> None:
    said = refuse(path, "[server]\nadmin_key = x\n")
    assert said.startswith(", line 2: [server] 'admin_key' is not a setting.")


def test_it_names_a_section_it_does_not_know(path: Path) -> None:
    assert refuse(path, FILLED_IN + "\n[sever]\n").endswith(
        ": [sever] is not a section."
        " Accepted: [server], [database], [security], [files], [links], [snippet],"
        " [spool], [retention]"
    )


def test_it_wants_a_section_first(path: Path) -> None:
    assert refuse(path, "var = x\n") == (
        ", line 1: [] 'var' is not a setting."
        " Accepted here: [server], [database], [security], [files], [links], [snippet],"
        " [spool], [retention]"
    )


@pytest.mark.parametrize(
    "text",
    [
        f"[security]\nsecret =\n  {SECRET}\n",
        f"[security]\nsecret : {SECRET}\n",
        f"[security]\n{SECRET}==\n",
        f"[database]\nmysql://u:{PASSWORD}@h/name\n",
        f"[database]\nmysql://u:{PASSWORD}@h/name?unix_socket=/x\n",
        f"[database\nurl = mysql://u:{PASSWORD}@h/name\n",
    ],
)
def test_it_does_not_show_a_line_that_may_hold_a_secret(text: str, path: Path) -> None:
    assert " is not a setting." in refuse(path, text)


@pytest.mark.parametrize("section", config.KEYS)
def test_each_key_can_be_set_in_the_environment(section: str, path: Path) -> None:
    for key in config.KEYS[section]:
        name = f"PORTHOLE_{section}_{key}".upper()
        value = {
            "hot_door": "no",
            "timeout_seconds": "9",
            "trusted_proxies": "10.0.0.1",
            "url": "sqlite:////x",
            "public_url": "https://stats.example",
            "destinations": "own",
            "path": "/other/x.js",
            "max_mb": "7",
            "days": "7",
        }.get(key, "/other/" + "x" * 32)
        before = load(path).__dict__
        after = load(path, FILLED_IN, **{name: value}).__dict__
        assert len([name for name in before if before[name] != after[name]]) == 1


def test_it_refuses_the_environment_in_the_same_words(path: Path) -> None:
    said = refuse(path, PORTHOLE_SERVER_HOT_DOOR="perhaps")
    assert said == ": [server] hot_door = 'perhaps': give yes or no"
    url = f"postgres://u:{PASSWORD}@h/name"
    assert refuse(path, PORTHOLE_DATABASE_URL=url).startswith(": [database] url: ")


def test_the_environment_says_where_the_file_is(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(path)
    monkeypatch.setenv("PORTHOLE_CONFIG", str(path))
    assert config.load().path == str(path)
    monkeypatch.delenv("PORTHOLE_CONFIG")
    assert config.default_path() == str(ROOT / "config.ini")


def test_a_relative_path_counts_from_here(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(path)
    monkeypatch.chdir(path.parent)
    settings = config.load("config.ini", {})
    assert settings.database_url == f"sqlite:///{path.parent}/var/porthole.sqlite"
    assert settings.var == f"{path.parent}/var"


@pytest.mark.parametrize(
    "raw",
    [
        FILLED_IN.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + FILLED_IN.encode(),
        b"\xef\xbb\xbf" + FILLED_IN.replace("\n", "\r\n").encode(),
        FILLED_IN.replace("\n", "\r").encode(),
        FILLED_IN.replace(" = ", "=").replace("[", " [").encode(),
        FILLED_IN.replace("[server]", "[SERVER]").replace("hot", "HOT").encode(),
    ],
    ids=["CRLF", "BOM", "BOM and CRLF", "CR", "other spaces", "upper case"],
)
def test_it_takes_a_file_from_any_editor(raw: bytes, path: Path) -> None:
    path.write_bytes(raw)
    settings = config.load(str(path), {})
    assert settings.admin_key == ADMIN_KEY
    assert settings.hot_door


@pytest.mark.parametrize(
    "raw",
    [FILLED_IN.encode("utf-16"), b"; Z\xfcrich\n" + FILLED_IN.encode()],
    ids=["UTF-16", "Latin-1"],
)
def test_it_says_that_a_file_is_not_utf_8(raw: bytes, path: Path) -> None:
    path.write_bytes(raw)
    with pytest.raises(config.ConfigError, match="cannot be read: 'utf-8' codec"):
        config.load(str(path), {})


def test_it_says_how_to_make_a_missing_file(path: Path) -> None:
    with pytest.raises(config.ConfigError) as refused:
        config.load(str(path), {})
    assert str(refused.value) == (
        f"{path} is missing. Copy config.example.ini to it and fill it in, or run:"
        " python -m app setup, or open /setup in a browser"
    )


def test_it_says_that_the_file_is_a_folder(path: Path) -> None:
    path.mkdir()
    with pytest.raises(config.ConfigError, match="cannot be read: .*directory"):
        config.load(str(path), {})


def test_it_keeps_secrets_to_itself_and_does_not_change(path: Path) -> None:
    settings = load(path)
    assert repr(settings) == str(settings) == f"Config({str(path)!r})"
    with pytest.raises(AttributeError):
        settings.secret = b""
