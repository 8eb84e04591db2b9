"""Robots that only the list of crawler-user-agents knows, and people it would hurt."""

from __future__ import annotations

import sys
import time

import pytest

from app.client.bots import listed_robot, robot_reason

from .test_user_agents_of_people import PEOPLE, rows

CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36"
LINUX = f"Mozilla/5.0 (X11; Linux x86_64) {CHROME}"
IN_APP = (
    "Mozilla/5.0 (Linux; Android 16; Pixel 10) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Version/4.0 Chrome/146.0.0.0 Mobile Safari/537.36"
)


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (f"{LINUX} Scope3/2.0 (scope3.com)", "scope3"),
        (f"{LINUX} Ghost Inspector (63c85ddbde52d6697f57c623)", "ghost-inspector"),
        (f"{LINUX} Google Favicon", "google-favicon"),
        (f"Mozilla/5.0 (compatible; Impact.com Agent) {CHROME}", "impact.com-agent"),
    ],
)
def test_it_knows_what_our_words_do_not(user_agent: str, name: str) -> None:
    assert robot_reason(user_agent, "*/*", "en") == ""
    assert listed_robot(user_agent) == name


@pytest.mark.parametrize("user_agent", [user_agent for user_agent, _ in rows(PEOPLE)])
def test_it_takes_no_person_for_a_robot(user_agent: str) -> None:
    assert listed_robot(user_agent) == ""


@pytest.mark.parametrize(
    "app",
    [
        *("Viber/25.1", "MetaIAB Facebook", "Notion/4.2", "Tumblr/37.1", "Bluesky/1.9"),
        *(
            "PayPal/8.9",
            "Trae/1.1",
            "Code/1.115.0",
            "WhatsApp/2.23",
            "coc_coc_browser/126.0",
        ),
    ],
)
def test_it_takes_no_app_for_a_robot(app: str) -> None:
    assert listed_robot(f"{IN_APP} {app}") == ""


def test_it_does_without_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "crawleruseragents", None)
    assert listed_robot(f"{LINUX} Scope3/2.0") == ""


@pytest.mark.parametrize(
    "user_agent",
    [
        *("", "x" * 50_000, "(" * 50_000, "Mozilla/5.0 (" * 9_000, "a-" * 9_000),
        *("http://" * 9_000, "\0Scope3\r\nX: 1", "Scope3\u202e", "\udcff"),
    ],
)
def test_it_survives_hostile_text(user_agent: str) -> None:
    listed_robot("warm")
    start = time.process_time()
    name = listed_robot(user_agent)
    assert time.process_time() - start < 1
    assert name.isascii()
    assert name.isprintable()
