"""Where visits come from."""

from __future__ import annotations

import time

import pytest

from app.client.referrer import Source, category_of, source_of

OWN = ["alice.example", "www.alice.test", "port.example:8080", "bad host", ""]


@pytest.mark.parametrize(
    "referrer",
    [
        # Nobody linked here.
        *("", " ", "about:blank", "null", "-", "(direct)"),
        # Own pages.
        *(
            "https://alice.example/",
            "https://www.alice.example/a?b",
            "HTTP://ALICE.example",
        ),
        *(
            "https://shop.alice.example",
            "https://alice.example.:443/",
            "https://alice.test",
        ),
        *(
            "https://blog.alice.test/",
            "http://port.example/",
            "http://port.example:8080/",
        ),
        # Not pages.
        *("ftp://example.com/", "file:///etc/passwd", "javascript:alert(1)"),
        *("data:text/html,x", "chrome-extension://abc/x", "//example.com/", "/a/b"),
        # Not URLs.
        *("http://", "http://[", "http://[[::1]]/", "http://]", "https:///x", "%zz"),
        *("http://a b/", "http://\0/", "http://x:99999/", "http://x:y/", "\0" * 50_000),
        *("x" * 50_000, "http://" + "x" * 50_000, "http://" + "[" * 50_000),
        *("http://" + "@" * 50_000, "http://" + "." * 50_000, "://" * 20_000),
    ],
)
def test_it_takes_it_for_direct(referrer: str) -> None:
    start = time.process_time()
    assert source_of(referrer, OWN) is None
    assert time.process_time() - start < 0.5


@pytest.mark.parametrize(
    ("referrer", "url", "host", "category"),
    [
        (
            "HTTPS://bob:secret@WWW.Example.COM:8443/A/b?q=1#frag",
            "https://www.example.com:8443/A/b",
            "example.com",
            "referral",
        ),
        ("http://example.com:80", "http://example.com/", "example.com", "referral"),
        ("https://example.com?q", "https://example.com/", "example.com", "referral"),
        ("http://localhost:3000/", "http://localhost:3000/", "localhost", "referral"),
        ("http://[::1]:80/x", "http://[::1]/x", "[::1]", "referral"),
        ("http://192.0.2.1/", "http://192.0.2.1/", "192.0.2.1", "referral"),
        ("https://bücher.de/ü", "https://bücher.de/ü", "bücher.de", "referral"),
        ("https://a.test/%zz\n", "https://a.test/%zz", "a.test", "referral"),
        ("https://a.test/a\0b", "https://a.test/ab", "a.test", "referral"),
        # Not under an own host, though it ends like one.
        (
            "https://notalice.example/",
            "https://notalice.example/",
            "notalice.example",
            "referral",
        ),
        (
            "android-app://com.google.android.gm/",
            "android-app://com.google.android.gm/",
            "com.google.android.gm",
            "email",
        ),
        (
            "android-app://com.example.app/https/x",
            "android-app://com.example.app/https/x",
            "com.example.app",
            "referral",
        ),
        (
            "https://a.test/" + "x" * 50_000,
            "https://a.test/" + "x" * 1009,
            "a.test",
            "referral",
        ),
    ],
)
def test_it_keeps_what_is_needed(
    referrer: str, url: str, host: str, category: str
) -> None:
    assert source_of(referrer, OWN) == Source(url, host, category)


def test_it_counts_every_page_without_own_hosts() -> None:
    source = source_of("https://alice.example/", [])
    assert source == Source("https://alice.example/", "alice.example", "referral")


@pytest.mark.parametrize(
    ("category", "hosts"),
    [
        (
            "organic_search",
            "google.com google.de google.co.uk google.com.br google.cat "
            "images.google.fr lens.google.com bing.com cn.bing.com duckduckgo.com "
            "html.duckduckgo.com yahoo.com yahoo.co.jp search.yahoo.com "
            "de.search.yahoo.com yandex.ru yandex.com.tr ya.ru baidu.com m.baidu.com "
            "ecosia.org search.brave.com go.mail.ru search.naver.com seznam.cz "
            "com.google.android.googlequicksearchbox",
        ),
        (
            "social",
            "facebook.com l.facebook.com m.facebook.com x.com t.co twitter.com "
            "mobile.twitter.com linkedin.com lnkd.in pinterest.de pinterest.co.uk "
            "br.pinterest.com pin.it reddit.com old.reddit.com youtube.com youtu.be "
            "instagram.com l.instagram.com threads.net mastodon.social bsky.app "
            "news.ycombinator.com t.me vk.com my.mail.ru web.whatsapp.com "
            "com.reddit.frontpage tieba.baidu.com",
        ),
        (
            "email",
            "mail.google.com gmail.com mail.yahoo.com mail.yahoo.co.jp e.mail.ru "
            "outlook.live.com outlook.office.com mail.proton.me mail.yandex.ru "
            "webmail.example.org mailchi.mp app.fastmail.com deref-gmx.net "
            "email.seznam.cz com.google.android.gm",
        ),
        (
            "referral",
            "netflix.com climbing.com mailchimp.com chatgpt.com chat.openai.com "
            "perplexity.ai docs.google.com news.google.com gemini.google.com "
            "finance.yahoo.com blog.naver.com google.evil.com google.com.evil.com "
            "notgoogle.com google.zip google.co.evil facebook.com.evil.example "
            "myfacebook.com xx.com notx.com at.co github.com mail.example google "
            "co.uk uk localhost com 192.0.2.12 [::1] . yandex.evil.ru",
        ),
    ],
)
def test_it_sorts_hosts(category: str, hosts: str) -> None:
    wrong = {host for host in hosts.split() if category_of(host) != category}
    assert wrong == set()
