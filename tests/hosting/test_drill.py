"""The drill: the release on a shared host, by FTP, phpMyAdmin and a browser alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.conftest import SECRET
from tests.hosting import servers
from tests.hosting.account import Account, Installation, ask
from tests.hosting.conftest import Host

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.servers import Site

    Serve = Callable[..., servers.Apache]


def test_cgi(host: Host, account: Account, serve: Serve, tab: Page, site: Site) -> None:
    schema = account.release["porthole/sql/001_initial.sql"]
    assert "0 rows" in host.phpmyadmin.import_sql(account.database, schema)
    account.install(trusted_proxies="127.0.0.1")
    apache = serve(servers.cgi, account.home / "public_html")
    porthole = Installation(apache.url)
    porthole.visit(tab, site)
    assert porthole.beacon("/whole").data == {"counted": True}
    assert porthole.beacon("/in-pieces", chunked=True).data == {"counted": True}
    assert_links_are_https(porthole)
    script = ask(porthole.url + "/w/page.js")
    assert script.headers["Access-Control-Allow-Origin"] == "*"
    assert script.headers["Content-Type"].endswith("javascript")
    assert ask(porthole.url + "/nothing").json["message"] == "Not found"


def assert_links_are_https(porthole: Installation) -> None:
    """Where a proxy takes off TLS, as it says."""
    made = ask(
        porthole.url + "/api/links/create",
        {"destination_url": "https://alice.example/"},
        {"X-API-Key": porthole.secret_key, "X-Forwarded-Proto": "https"},
    )
    short = made.data["short_url"]
    assert short.startswith(porthole.url.replace("http://", "https://") + "/l/")
    followed = ask(short.replace("https://", "http://"))
    assert followed.headers["Location"] == "https://alice.example/"


def test_passenger(account: Account, serve: Serve, tab: Page, site: Site) -> None:
    account.install()
    apache = serve(
        servers.passenger,
        account.home / "porthole" / "public",
        account.home / "porthole",
    )
    porthole = Installation(apache.url)
    porthole.visit(tab, site)
    assert porthole.beacon("/in-pieces", chunked=True).data == {"counted": True}
    # A change is seen once restart.txt is uploaded again.
    assert ask(porthole.url + "/v/page.js").status == 404
    account.configure(path="/v/page.js")
    account.upload("porthole/tmp/restart.txt", b"")
    wait_for(lambda: ask(porthole.url + "/v/page.js").status == 200)
    assert porthole.pageviews() == 2


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + servers.LONGEST_WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_one_folder(account: Account, serve: Serve, tab: Page, site: Site) -> None:
    account.install(program="public_html")
    apache = serve(servers.cgi, account.home / "public_html")
    porthole = Installation(apache.url)
    porthole.visit(tab, site)
    assert_it_gives_nothing_away(account, apache.url)
    account.delete("public_html/porthole/.htaccess")
    assert_it_gives_nothing_away(account, apache.url)
    # The other one alone is enough too.
    account.upload(
        "public_html/porthole/.htaccess", account.release["porthole/.htaccess"]
    )
    account.delete("public_html/.htaccess")
    assert_it_gives_nothing_away(account, apache.url)


def assert_it_gives_nothing_away(account: Account, url: str) -> None:
    folder = account.home / "public_html" / "porthole"
    assert [path for path in (folder / "var").iterdir() if path.is_file()]
    # One file of each kind in each folder.
    kinds = {(path.parent, path.suffix): path for path in folder.rglob("*")}
    for path in [*kinds.values(), folder / "config.ini"]:
        name = path.relative_to(folder).as_posix() + "/" * path.is_dir()
        assert ask(f"{url}/porthole/{name}").status == 403, name
    for way in ("//porthole", "/./porthole", "/w/../porthole", "/port%68ole"):
        assert ask(f"{url}{way}/config.ini").status == 403, way
    for way in ("/app.cgi/../porthole", "/PORTHOLE", "/porthole%2F", "/porthole/."):
        answer = ask(f"{url}{way}/config.ini")
        assert answer.status != 200
        assert SECRET.encode() not in answer.body


def test_sub_folder(account: Account, serve: Serve, tab: Page, site: Site) -> None:
    account.install(public="public_html/stats")
    rules = account.release["public_html/.htaccess"].decode()
    rules = rules.replace(" /help500.html\n", " /stats/help500.html\n")
    account.upload("public_html/stats/.htaccess", rules.encode())
    apache = serve(servers.cgi, account.home / "public_html")
    porthole = Installation(apache.url + "/stats")
    porthole.visit(tab, site)
    made = ask(
        porthole.url + "/api/links/create",
        {"destination_url": "https://alice.example/"},
        {"X-API-Key": porthole.secret_key},
    )
    assert made.data["short_url"].startswith(porthole.url + "/l/")
    account.chmod("public_html/stats/app.cgi", 0o644)
    assert b"Porthole did not start" in ask(porthole.url + "/api/health").body


def test_without_htaccess(
    account: Account, serve: Serve, tab: Page, site: Site
) -> None:
    account.install()
    account.delete("public_html/.htaccess")
    apache = serve(servers.cgi, account.home / "public_html")
    porthole = Installation(apache.url + "/app.cgi")
    porthole.visit(tab, site)
    made = ask(
        porthole.url + "/api/links/create",
        {"destination_url": "https://alice.example/"},
        {"X-API-Key": porthole.secret_key},
    )
    assert made.data["short_url"].startswith(porthole.url + "/l/")


def test_line_ends_of_windows(
    host: Host, account: Account, serve: Serve, tab: Page, site: Site
) -> None:
    account.install_as_text()
    schema = account.release["porthole/sql/001_initial.sql"]
    host.phpmyadmin.import_sql(account.database, schema.replace(b"\n", b"\r\n"))
    apache = serve(servers.cgi, account.home / "public_html")
    Installation(apache.url).visit(tab, site)


def test_no_permission_to_run(account: Account, serve: Serve) -> None:
    account.install()
    account.chmod("public_html/app.cgi", 0o644)
    apache = serve(servers.cgi, account.home / "public_html")
    answer = ask(apache.url + "/api/health")
    assert answer.status == 500
    assert answer.body == account.release["public_html/help500.html"]
    account.chmod("public_html/app.cgi", 0o755)
    assert ask(apache.url + "/api/health").status == 200


def test_folders_that_cannot_be_written(
    account: Account, serve: Serve, tab: Page, site: Site
) -> None:
    account.install()
    program = account.home / "porthole"
    before = set(program.rglob("*"))
    for path in before - {program / "var"}:
        path.chmod(path.stat().st_mode & ~0o222)
    program.chmod(0o555)
    apache = serve(servers.cgi, account.home / "public_html")
    Installation(apache.url).visit(tab, site)
    new = set(program.rglob("*")) - before
    assert all(program / "var" in path.parents for path in new)
    assert list((program / "var" / "pyc").rglob("*.pyc"))


def test_upgrade_backup_and_restore(
    host: Host, account: Account, serve: Serve, tab: Page, site: Site
) -> None:
    account.install()
    apache = serve(servers.cgi, account.home / "public_html")
    porthole = Installation(apache.url)
    porthole.visit(tab, site)
    # A newer version goes over the old one; config.ini and var stay.
    for path, content in account.release.items():
        account.upload(path, content)
    porthole.visit(tab, site, "/after-the-upgrade")
    settings = account.download("porthole/config.ini")
    dump = host.phpmyadmin.export_sql(account.database)
    # The host is gone: another account, and the two files.
    other = host.open_account()
    host.phpmyadmin.import_sql(other.database, dump)
    other.install()
    moved = settings.replace(account.database.encode(), other.database.encode())
    other.upload("porthole/config.ini", moved)
    restored = serve(servers.cgi, other.home / "public_html")
    porthole.url = restored.url
    assert porthole.pageviews() == 2
    # The same browser is the same visitor, because the secret is the same.
    porthole.visit(tab, site, "/after-the-move")
    read = porthole.read("/api/analytics/visitors?range=1d")
    assert read.data["unique_visitors"] == 1
    other.close()
