"""Who is a robot. Dropping a person is worse than counting a robot."""

from __future__ import annotations

import time

import pytest

from app.client.bots import robot_reason

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36"
ANDROID = "Mozilla/5.0 (Linux; Android 13; %s) AppleWebKit/537.36 (KHTML, like Gecko)"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15"
CHROME = " Version/4.0 Chrome/120.0.0.0 Mobile Safari/537.36"


@pytest.mark.parametrize(
    "user_agent",
    [
        WINDOWS + " (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
        WINDOWS + " (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 Edg/120.0",
        "Mozilla/5.0 (X11; Linux x86_64; rv:121.0) Gecko/20100101 Firefox/121.0",
        "Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1; Trident/5.0)",
        IPHONE + " (KHTML, like Gecko) Version/17.1 Mobile/15E148 Safari/604.1",
        # Phones of a maker whose name ends like a robot's.
        (ANDROID % "CUBOT") + CHROME,
        (ANDROID % "CUBOT X30") + CHROME,
        (ANDROID % "CUBOT_X18_Plus Build/NRD90M") + CHROME,
        (ANDROID % "Cubot-Note20") + CHROME,
        # Pages shown inside apps.
        (ANDROID % "SM-S911B; wv") + CHROME + " [FB_IAB/FB4A;FBAV/440.0.0.1;]",
        (ANDROID % "Pixel 7; wv") + CHROME + " WhatsApp/2.23.25.76",
        (ANDROID % "Pixel 7") + CHROME + " DuckDuckGo/5",
        (ANDROID % "Pixel 7") + CHROME + " YaApp_Android/23.90 YaSearchBrowser/23.90",
        IPHONE + " Version/16.0 YaBrowser/23.11 YandexSearch/23 Mobile Safari/604.1",
        IPHONE + " Mobile/15E148 DuckDuckGo/7 Safari/605.1.15",
        IPHONE + " Mobile/15E148 [Pinterest/iOS]",
        # Words that hold a robot's name without being it.
        (ANDROID % "Robotech Abbott") + CHROME,
        (ANDROID % "Curly monitor preview") + CHROME,
        "Opera/9.80 (J2ME/MIDP; Opera Mini/7.1; U; en) Presto/2.8.119 Version/11.10",
        "UCWEB/2.0 (Java; U; MIDP-2.0; en-US; nokia) U2/1.0.0 UCBrowser/9.4",
    ],
)
def test_it_takes_people_for_people(user_agent: str) -> None:
    assert robot_reason(user_agent, "*/*", "en") == ""


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://g.co/bot.html)", "googlebot"),
        ("Googlebot-Image/1.0", "googlebot"),
        ("Mozilla/5.0 (compatible; bingbot/2.0)", "bingbot"),
        ("AdsBot-Google (+http://www.google.com/adsbot.html)", "adsbot"),
        ("Mozilla/5.0 (compatible; GPTBot/1.1)", "gptbot"),
        ("Mozilla/5.0 (compatible; ClaudeBot/1.0; x@anthropic.com)", "claudebot"),
        ("Mozilla/5.0 (compatible; PerplexityBot/1.0)", "perplexitybot"),
        ("Mozilla/5.0 (compatible; Perplexity-User/1.0)", "perplexity-user"),
        ("Mozilla/5.0; compatible; ChatGPT-User/1.0", "chatgpt-user"),
        ("facebookexternalhit/1.1", "facebookexternalhit"),
        ("meta-externalagent/1.1", "meta-externalagent"),
        (f"{WINDOWS} HeadlessChrome/120.0 Safari/537.36", "headlesschrome"),
        ("curl/8.5.0", "curl"),
        ("Wget/1.21.4", "wget"),
        ("python-requests/2.31.0", "python-requests"),
        ("Python-urllib/3.11", "python-urllib"),
        ("Python/3.11 aiohttp/3.9.1", "python"),
        ("Go-http-client/1.1", "go-http-client"),
        ("Scrapy/2.11 (+https://scrapy.org)", "scrapy"),
        ("Mozilla/5.0+(compatible; UptimeRobot/2.0)", "uptimerobot"),
        (f"{WINDOWS} Chrome/119.0 Safari/537.36 Chrome-Lighthouse", "lighthouse"),
        ("axios/1.6.2", "axios"),
        ("node-fetch/1.0", "node-fetch"),
        ("node", "node"),
        ("okhttp/4.12.0", "okhttp"),
        ("Apache-HttpClient/4.5.14 (Java/17.0.9)", "httpclient"),
        ("Java/17.0.9", "java"),
        ("WhatsApp/2.23.20.0 A", "whatsapp"),
        ("Mozilla/5.0 (compatible; YandexBot/3.0)", "yandexbot"),
        ("Mozilla/5.0 (compatible; YandexImages/3.0; +http://yandex.com/x)", "+http"),
        ("DuckDuckBot/1.1", "duckduckbot"),
        ("Mozilla/5.0 (compatible; Baiduspider/2.0)", "baiduspider"),
        ("Screaming Frog SEO Spider/19.0", "spider"),
        ("my_own_crawler v1", "crawler"),
        ("SomeBot2/1", "somebot2"),
        ("Slackbot-LinkExpanding 1.0", "slackbot"),
        ("W3C_Validator/1.3", "w3c_validator"),
        ("x" * 100 + "bot", "x" * 40),
    ],
)
def test_it_names_the_robot(user_agent: str, name: str) -> None:
    assert robot_reason(user_agent, "*/*", "en") == f"robot: {name}"


@pytest.mark.parametrize(
    ("user_agent", "accept", "accept_language", "reason"),
    [
        ("", "*/*", "en", "no User-Agent"),
        (" \t", "*/*", "en", "no User-Agent"),
        (WINDOWS, "", "en", "no Accept header"),
        (WINDOWS, "*/*", "", "no Accept-Language header"),
        (WINDOWS, "*/*", "  ", "no Accept-Language header"),
        (WINDOWS, "", "", "no Accept header"),
        ("curl/8", "", "", "robot: curl"),
    ],
)
def test_it_names_the_missing_header(
    user_agent: str, accept: str, accept_language: str, reason: str
) -> None:
    assert robot_reason(user_agent, accept, accept_language) == reason


def test_it_reads_only_the_first_512_characters() -> None:
    assert robot_reason("x " * 256 + "Googlebot", "*/*", "en") == ""


@pytest.mark.parametrize(
    "user_agent",
    [
        *("a-" * 25_000, "-" * 50_000, "bot" * 20_000, "9" * 50_000, "a9_" * 20_000),
        *("\0bot\r\nX-Evil: 1", "ⓑⓞⓣ bot\u202e", "\udcffbot", "İ" * 600),
    ],
)
def test_it_answers_hostile_text_quickly_and_in_header_characters(
    user_agent: str,
) -> None:
    start = time.process_time()
    reason = robot_reason(user_agent, "*/*", "en")
    assert time.process_time() - start < 0.5
    assert len(reason) <= 60
    assert reason.isascii()
    assert reason.isprintable()
