"""phpMyAdmin through its own pages: signs in, imports, exports."""

from __future__ import annotations

import html
import http.cookiejar
import json
import re
import urllib.parse
import urllib.request
import uuid
from html.parser import HTMLParser


class Refused(Exception):
    """phpMyAdmin did not do it; the message has its words."""


class PhpMyAdmin:
    """A browser's session; the forms' fields are those of phpMyAdmin 5.2."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self._url = url
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(jar)
        page = self._ask("/")
        session = re.search(r'name="set_session" value="([^"]*)"', page)
        fields = {
            "pma_username": user,
            "pma_password": password,
            "server": "1",
            "target": "index.php",
            "token": _token(page),
            "set_session": session[1] if session else "",
        }
        page = self._ask("/", urllib.parse.urlencode(fields).encode())
        if 'name="pma_password"' in page:
            raise Refused("sign-in failed")

    def import_sql(self, database: str, sql: bytes) -> str:
        """Upload a file in a database's tab "Import"; return what it says.

        :raise Refused: a statement failed.
        """
        name = urllib.parse.quote(database)
        fields = {
            "db": database,
            "server": "1",
            "token": _token(self._ask(f"/database/import&server=1&db={name}")),
            "import_type": "database",
            "format": "sql",
            "charset_of_file": "utf-8",
            "allow_interrupt": "yes",
            "skip_queries": "0",
            "fk_checks": "1",
            "sql_compatibility": "NONE",
            "ajax_request": "true",
        }
        mark = uuid.uuid4().hex
        part = f'--{mark}\r\nContent-Disposition: form-data; name="%s"'
        body = "".join(f"{part % key}\r\n\r\n{fields[key]}\r\n" for key in fields)
        body += part % "import_file" + '; filename="schema.sql"\r\n'
        body += "Content-Type: application/sql\r\n\r\n"
        content = body.encode() + sql + f"\r\n--{mark}--\r\n".encode()
        kind = f"multipart/form-data; boundary={mark}"
        # The status is 200 either way.
        answer = json.loads(self._ask("/import", content, kind))
        told = f"{answer.get('message') or ''} {answer.get('error') or ''}"
        text = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", told)).split())
        if not answer.get("success"):
            raise Refused(text)
        return text

    def export_sql(self, database: str) -> bytes:
        """Return what the tab "Export" gives with the settings it comes with."""
        name = urllib.parse.quote(database)
        form = _Form("dump")
        form.feed(self._ask(f"/database/export&server=1&db={name}"))
        body = urllib.parse.urlencode(form.fields).encode()
        return self._ask("/export", body).encode()

    def _ask(self, route: str, body: bytes | None = None, kind: str = "") -> str:
        url = f"{self._url}/index.php?route={route}"
        request = urllib.request.Request(url, body)
        if kind:
            request.add_header("Content-Type", kind)
        with self._opener.open(request, timeout=60) as answer:
            text: str = answer.read().decode("utf-8", "replace")
            return text


class _Form(HTMLParser):
    """The fields of one form, as a browser would send them untouched."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.fields: list[tuple[str, str]] = []
        self._name = name
        self._is_inside = False
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._is_inside = given.get("name") == self._name
        if not self._is_inside:
            return
        if tag == "select":
            self._select = given.get("name", "")
        if tag == "option" and "selected" in given and self._select:
            self.fields.append((self._select, given.get("value", "")))
        if tag == "textarea" and "name" in given:
            self.fields.append((given["name"], ""))
        if tag == "input" and "name" in given:
            is_switch = given.get("type") in ("checkbox", "radio")
            if "checked" in given or not is_switch:
                self.fields.append((given["name"], given.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._is_inside = False


def _token(page: str) -> str:
    found = re.search(r'name="token" value="([^"]*)"', page) or re.search(
        r'token:"([^"]+)"', page
    )
    assert found, page[:2000]
    return html.unescape(found[1])
