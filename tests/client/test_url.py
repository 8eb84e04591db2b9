"""Pages and campaigns, from URLs as browsers and as mischief send them."""

from __future__ import annotations

import time

import pytest

from app.client.url import Campaign, parse_page

NO_CAMPAIGN = Campaign("", "", "", "", "")


@pytest.mark.parametrize(
    ("url", "scheme", "host", "path"),
    [
        ("https://example.com", "https", "example.com", "/"),
        ("https://example.com?x=1", "https", "example.com", "/"),
        ("https://example.com#top", "https", "example.com", "/"),
        ("https://example.com/a?b=c#/d/e?f", "https", "example.com", "/a#/d/e"),
        ("https://example.com#!/d", "https", "example.com", "/#!/d"),
        ("https://example.com#d/#/e", "https", "example.com", "/"),
        ("https://example.com#/d\0e \n", "https", "example.com", "/#/de"),
        ("  HTTPS://Example.COM/A/b?x#y \n", "https", "example.com", "/A/b"),
        ("http://example.com:80/", "http", "example.com", "/"),
        ("http://example.com:/", "http", "example.com", "/"),
        ("http://example.com:0080/", "http", "example.com", "/"),
        ("https://example.com:443/", "https", "example.com", "/"),
        ("http://example.com:443/", "http", "example.com:443", "/"),
        ("https://example.com:8443/a", "https", "example.com:8443", "/a"),
        ("https://example.com./a", "https", "example.com", "/a"),
        ("https://user:p@ss@example.com/", "https", "example.com", "/"),
        ("https://BÜCHER.de/straße", "https", "bücher.de", "/straße"),
        ("https://xn--bcher-kva.de/", "https", "xn--bcher-kva.de", "/"),
        ("https://a_b.example.com/", "https", "a_b.example.com", "/"),
        ("http://[2001:DB8::1]/", "http", "[2001:db8::1]", "/"),
        ("http://[::1]:8080/", "http", "[::1]:8080", "/"),
        ("http://localhost:3000/x y", "http", "localhost:3000", "/x y"),
        ("https://example.com/%zz%00", "https", "example.com", "/%zz%00"),
        ("https://example.com/a//b/../c", "https", "example.com", "/a//b/../c"),
        ("https://example.com/a\0b\x9fc\r\nd", "https", "example.com", "/abcd"),
        ("https://example.com/[]{}|\\", "https", "example.com", "/[]{}|\\"),
        ("https://example.com/http://[", "https", "example.com", "/http://["),
    ],
)
def test_it_reads_a_page(url: str, scheme: str, host: str, path: str) -> None:
    assert parse_page(url) == (scheme, host, path, NO_CAMPAIGN)


def test_it_caps_the_path() -> None:
    page = parse_page("https://example.com/" + "x" * 50_000)
    assert page.path == "/" + "x" * 1023


@pytest.mark.parametrize(
    ("reason", "urls"),
    [
        (
            "must be a full URL",
            ["", " ", "/a", "//example.com/", "example.com", "javascript:alert(1)"]
            + ["\0http://example.com/", "http:/example.com", "http:\\\\example.com"]
            + ["x" * 50_000, "data:," + "x" * 50_000, "é://example.com/"],
        ),
        (
            "must start with http:// or https://",
            ["ftp://example.com/", "javascript://example.com/%0a", "file://host/x"]
            + ["android-app://com.example/", "httpx://example.com/"],
        ),
        (
            "has no host",
            ["http://", "http:///a", "https://?x", "http://user@/", "http://..."]
            + ["http://" + "." * 200, "file:///etc/passwd"],
        ),
        (
            "has a host with characters",
            ["http://[", "http://]", "http://[[::1]]/", "http://[::1", "http://::1/"]
            + ["http://[::1]x/", "http://[::g]/", "http://[]/", "http://a b/"]
            + ["http://a\tb/", "http://a\0b/", "http://a\x7f/", "http://a\x85b/"]
            + ["http://a\u00a0b/", "http://a\u202eb/", "http://a\u200b.com/"]
            + ["http://a\ufeff.com/", "http://a<b>/", "http://a%00b/", "http://a:b/"]
            + ["http://a:80:80/", "http://a:-1/", "http://a:٣/", "http://a|b/"]
            + ["http://evil.example\\@example.com/", "http://:80/", "http://a:1x/"]
            + ["http://" + "[" * 50_000, "http://" + "x" * 50_000]
            + ["http://" + "a:" * 25_000, "http://" + "x" * 256],
        ),
        (
            "has a port above 65535",
            ["http://a:99999/", "http://a:65536", "https://[::1]:99999/"]
            + ["http://a:" + "9" * 50_000],
        ),
    ],
)
def test_it_says_what_is_wrong(reason: str, urls: list[str]) -> None:
    for url in urls:
        start = time.process_time()
        with pytest.raises(ValueError, match=f"^{reason}"):
            parse_page(url)
        assert time.process_time() - start < 0.5, url[:40]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            "utm_source=a&utm_medium=b&utm_campaign=c&utm_term=d&utm_content=e",
            ("a", "b", "c", "d", "e"),
        ),
        ("utm_source=news%20letter+1&x=2", ("news letter 1", "", "", "", "")),
        ("utm_source=first&utm_source=second", ("first", "", "", "", "")),
        ("utm_source=&utm_source=second", ("", "", "", "", "")),
        ("utm_source[]=a&utm_source%5B%5D=b", ("", "", "", "", "")),
        ("utm%5Fsource=a", ("a", "", "", "", "")),
        ("utm_source=%20%09a%0d%0ab%00%7f%c2%85c%20", ("abc", "", "", "", "")),
        ("utm_source=%zz%4", ("%zz%4", "", "", "", "")),
        ("utm_source=%ff%fe&utm_term=%f0%9f", ("\ufffd\ufffd", "", "", "\ufffd", "")),
        ("utm_source=%ed%a0%80", ("\ufffd\ufffd\ufffd", "", "", "", "")),
        ("utm_source=%e2%82%ac", ("€", "", "", "", "")),
        ("utm_campaign=a=b;c", ("", "", "a=b;c", "", "")),
        ("utm_source", ("", "", "", "", "")),
        ("utm_source=a#&utm_medium=b", ("a", "", "", "", "")),
        ("utm_source=" + "x" * 50_000, ("x" * 255, "", "", "", "")),
        ("utm_source=" + "x" * 254 + "%20y", ("x" * 254, "", "", "", "")),
        ("&" * 50_000 + "utm_source=a", ("a", "", "", "", "")),
        ("%" * 50_000, ("", "", "", "", "")),
    ],
)
def test_it_reads_the_campaign(
    query: str, expected: tuple[str, str, str, str, str]
) -> None:
    assert parse_page(f"https://example.com/?{query}").campaign == expected
