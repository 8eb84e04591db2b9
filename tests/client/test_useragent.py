"""Devices, systems and browsers as people know them."""

from __future__ import annotations

import time

import pytest

from app.client.useragent import Device, describe

GECKO = "AppleWebKit/537.36 (KHTML, like Gecko)"
WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
WINDOWS = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {GECKO} Chrome/120.0.0.0"
IPHONE = f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_1_2 like Mac OS X) {WEBKIT}"
IPAD = f"Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) {WEBKIT}"
ANDROID = f"Mozilla/5.0 (Linux; Android 13; SM-S911B) {GECKO}"
FIREFOX = "Gecko/20100101 Firefox/121.0"


@pytest.mark.parametrize(
    ("user_agent", "expected"),
    [
        (f"{WINDOWS} Safari/537.36", ("desktop", "Windows", "10", "Chrome", "120")),
        (
            f"{WINDOWS} Safari/537.36 Edg/121.0.2277.83",
            ("desktop", "Windows", "10", "Edge", "121"),
        ),
        (
            f"{WINDOWS} Safari/537.36 OPR/106.0.0.0",
            ("desktop", "Windows", "10", "Opera", "106"),
        ),
        (
            "Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko",
            ("desktop", "Windows", "7", "IE", "11"),
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) "
            f"{WEBKIT} Version/17.2 Safari/605.1.15",
            ("desktop", "macOS", "10.15.7", "Safari", "17.2"),
        ),
        (
            f"Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:121.0) {FIREFOX}",
            ("desktop", "Linux", "", "Firefox", "121"),
        ),
        (
            f"Mozilla/5.0 (X11; Fedora; Linux x86_64; rv:121.0) {FIREFOX}",
            ("desktop", "Linux", "", "Firefox", "121"),
        ),
        (
            f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {GECKO} "
            "Chrome/119.0.0.0 Safari/537.36",
            ("desktop", "ChromeOS", "14541.0.0", "Chrome", "119"),
        ),
        (
            f"{IPHONE} Version/17.1 Mobile/15E148 Safari/604.1",
            ("mobile", "iOS", "17.1.2", "Safari", "17.1"),
        ),
        (
            f"{IPHONE} CriOS/119.0.6045.109 Mobile/15E148 Safari/604.1",
            ("mobile", "iOS", "17.1.2", "Chrome", "119"),
        ),
        (
            f"{IPHONE} FxiOS/120.0 Mobile/15E148 Safari/605.1.15",
            ("mobile", "iOS", "17.1.2", "Firefox", "120"),
        ),
        (f"{IPHONE} Mobile/15E148", ("mobile", "iOS", "17.1.2", "Safari", "")),
        (
            f"{IPHONE} Mobile/15E148 Instagram 309.0.0.0",
            ("mobile", "iOS", "17.1.2", "Instagram", "309"),
        ),
        (
            f"{IPAD} Version/16.6 Mobile/15E148 Safari/604.1",
            ("tablet", "iOS", "16.6", "Safari", "16.6"),
        ),
        (
            f"{ANDROID} Chrome/120.0.0.0 Mobile Safari/537.36",
            ("mobile", "Android", "13", "Chrome", "120"),
        ),
        (
            f"{ANDROID} SamsungBrowser/23.0 Chrome/115.0.0.0 Mobile Safari/537.36",
            ("mobile", "Android", "13", "Samsung Internet", "23.0"),
        ),
        (
            f"{ANDROID} Version/4.0 Chrome/94.0.4606.71 Mobile Safari/537.36",
            ("mobile", "Android", "13", "Chrome", "94"),
        ),
        (
            f"{ANDROID} Chrome/120.0.0.0 Mobile Safari/537.36 EdgA/119.0.0.0",
            ("mobile", "Android", "13", "Edge", "119"),
        ),
        (
            f"Mozilla/5.0 (Linux; Android 10; K) {GECKO} Chrome/120.0.0.0 "
            "Safari/537.36",
            ("tablet", "Android", "10", "Chrome", "120"),
        ),
        (
            "Mozilla/5.0 (Android 13; Mobile; rv:121.0) Gecko/121.0 Firefox/121.0",
            ("mobile", "Android", "13", "Firefox", "121"),
        ),
        (
            "Mozilla/5.0 (Android 13; Tablet; rv:121.0) Gecko/121.0 Firefox/121.0",
            ("tablet", "Android", "13", "Firefox", "121"),
        ),
        (
            "Opera/9.80 (Android; Opera Mini/36.2/191.249; U; en) Presto/2.12.423",
            ("mobile", "Android", "", "Opera Mini", "36.2"),
        ),
        (
            "Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) AppleWebKit/538.1 "
            "(KHTML, like Gecko) Version/6.0 TV Safari/538.1",
            ("unknown", "Tizen", "6.0", "Safari", "6.0"),
        ),
        ("", ("unknown", "Unknown", "", "Unknown", "")),
        ("nonsense", ("unknown", "Unknown", "", "Unknown", "")),
    ],
)
def test_it_describes_the_device(
    user_agent: str, expected: tuple[str, str, str, str, str]
) -> None:
    assert describe(user_agent) == Device(*expected)


@pytest.mark.parametrize(
    "user_agent",
    [
        *("x" * 50_000, "(" * 50_000, "\0" * 600, "Mozilla/5.0 (" + ";" * 50_000),
        *("Firefox/" + "9" * 50_000, "Android " + "1." * 25_000, "\udcff %zz \u202e"),
        "Mozilla/5.0 (Linux; Android 9; " + "A" * 400 + ") Version/" + "8" * 60,
        *("Nokia" * 9_000, "Safari/" * 9_000, "iPhone;" * 9_000, "Linux/1 X11/" * 99),
    ],
)
def test_it_survives_hostile_text(user_agent: str) -> None:
    describe("warm")
    start = time.process_time()
    device = describe(user_agent)
    assert time.process_time() - start < 1
    assert device.type in ("desktop", "mobile", "tablet", "unknown")
    assert 0 < len(device.os) <= 60
    assert 0 < len(device.browser) <= 60
    assert max(len(device.os_version), len(device.browser_version)) <= 20
