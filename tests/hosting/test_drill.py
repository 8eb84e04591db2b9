"""The drill: the release on a shared host, by FTP, phpMyAdmin and a browser alone."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.conftest import SECRET
from tests.hosting import servers
from tests.hosting.account import (
    DATABASE_PASSWORD,
    DATABASE_USER,
    Account,
    Installation,
    ask,
)
from tests.hosting.conftest import Host

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.servers import Site

    Serve = Callable[..., servers.Apache]

expect = pytest.importorskip("playwright.sync_api").expect


def test_cgi(host: Host, account: Account, serve: Serve, tab: Page, site: Site) -> None:
    schema = account.release["porthole/sql/001_initial.sql"]
    assert "rows" in host.phpmyadmin.import_sql(account.database, schema)
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
    packed = ask(porthole.url + "/w/page.js", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == script.body
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


@pytest.mark.parametrize("door", ["cgi", "passenger"])
def test_set_up_in_a_browser(
    door: str, account: Account, serve: Serve, tab: Page, site: Site
) -> None:
    account.upload_release()
    folders = {"cgi": ["public_html"], "passenger": ["porthole/public", "porthole"]}
    places = [account.home / folder for folder in folders[door]]
    apache = serve(getattr(servers, door), *places)
    prove(account, apache.url, tab)
    tab.locator("#name").fill(account.database)
    tab.locator("#user").fill(DATABASE_USER)
    tab.locator("#password").fill(DATABASE_PASSWORD)
    tab.locator("#host").fill("127.0.0.1")
    tab.locator("#port").fill(str(account.database_port))
    tab.locator("#tables-imported").check()
    tab.get_by_role("button", name="Test it and go on").click()
    tab.locator("#name").fill("Alice")
    tab.locator("#domains").fill("localhost")
    tab.get_by_role("button", name="Make it").click()
    tag, secret_key, _, admin_key = tab.locator("pre code").all_inner_texts()
    site.add("/", tag.replace("<script ", "<script data-local "))
    visitor = tab.context.new_page()
    visitor.goto(site.url)
    tab.get_by_role("link", name="I have kept them").click()
    expect(tab.get_by_text("The first visit is here")).to_be_visible(timeout=60_000)
    read = ask(
        apache.url + "/api/analytics/visitors?range=1d",
        None,
        {"X-API-Key": secret_key},
    )
    assert read.data["total_pageviews"] == 1
    assert ask(apache.url + "/setup").status == 410
    assert_the_doctor_is_content(apache.url, admin_key, tab)


def prove(account: Account, url: str, tab: Page, program: str = "porthole") -> None:
    """Make the file that /setup wants to see."""
    tab.goto(url + "/setup")
    account.upload(f"{program}/{tab.locator('pre code').inner_text()}", b"")
    tab.get_by_role("button", name="I have made the file").click()


def assert_the_doctor_is_content(url: str, admin_key: str, tab: Page) -> None:
    tab.goto(url + "/doctor")
    tab.get_by_label("Admin key").fill(admin_key)
    tab.get_by_role("button", name="Sign in").click()
    expect(tab.get_by_text("Nothing is broken.")).to_be_visible()
    expect(tab.locator(".check[id]")).to_have_count(6)
    expect(tab.locator(".check[id].ok")).to_have_count(6, timeout=60_000)


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


def test_one_folder_without_htaccess(account: Account, serve: Serve, tab: Page) -> None:
    """The set-up asks for no password while the server would give it away."""
    account.upload_release(program="public_html")
    account.delete("public_html/.htaccess")
    account.delete("public_html/porthole/.htaccess")
    apache = serve(servers.cgi, account.home / "public_html")
    prove(account, apache.url + "/app.cgi", tab, "public_html/porthole")
    expect(tab.get_by_text("Your web server gives config.ini away")).to_be_visible()
    expect(tab.locator("#password")).to_have_count(0)
    account.upload(
        "public_html/porthole/.htaccess", account.release["porthole/.htaccess"]
    )
    tab.get_by_role("link", name="look again").click()
    expect(tab.locator("#password")).to_be_visible()


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
