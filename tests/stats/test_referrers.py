"""GET /api/analytics/referrers."""

from __future__ import annotations

from typing import Any

from tests.conftest import Actor

REFERRERS = "/api/analytics/referrers"


def test_it_answers_in_the_contracts_words(alice: Actor) -> None:
    alice.view("https://alice.example/a", referrer="https://www.google.com/?q=1")
    alice.view("https://alice.example/b", referrer="https://alice.example/a")
    alice.view(address="192.0.2.1", referrer="https://blog.example/post?x=1#y")
    alice.view(address="192.0.2.2")
    for name in (REFERRERS, REFERRERS + ".php"):
        answer = alice.get(name + "?range=1d")
        assert answer.json == {
            "success": True,
            "message": "Referrers fetched successfully",
            "data": {
                "range": {"from": "2026-03-04 00:00:00", "to": "2026-03-04 23:59:59"},
                "by_category": [
                    _category("organic_search", 2),
                    _category("direct", 1),
                    _category("referral", 1),
                ],
                "top_referrers": [
                    {"referrer_url": "https://www.google.com/", "pageviews": 2},
                    {"referrer_url": "https://blog.example/post", "pageviews": 1},
                ],
            },
        }


def _category(name: str, pageviews: int) -> dict[str, Any]:
    return {"category": name, "pageviews": pageviews, "unique_visitors": 1}


def test_it_is_empty_before_the_first_view(alice: Actor) -> None:
    for name in (REFERRERS, REFERRERS + ".php"):
        data = alice.get(name).data
        del data["range"]
        assert data == {"by_category": [], "top_referrers": []}


def categories(alice: Actor, *referrers: str) -> dict[str, int]:
    """Return the views of each category after a visit from each referrer."""
    for number, referrer in enumerate(referrers):
        alice.view(address=f"192.0.2.{number}", referrer=referrer)
    rows = alice.get(REFERRERS).data["by_category"]
    return {row["category"]: row["pageviews"] for row in rows}


def test_netflix_and_climbing_are_neither_x_nor_bing(alice: Actor) -> None:
    found = categories(alice, "https://www.netflix.com/", "https://climbing.com/")
    assert found == {"referral": 2}


def test_google_mail_is_email_not_search(alice: Actor) -> None:
    assert categories(alice, "https://mail.google.com/mail/u/0/") == {"email": 1}


def test_short_links_of_social_networks_are_social(alice: Actor) -> None:
    found = categories(alice, "https://t.co/abc", "https://lnkd.in/abc")
    assert found == {"social": 2}


def test_the_own_site_refers_nobody(alice: Actor) -> None:
    own = ("https://alice.example/a", "https://www.alice.example/a", "")
    assert categories(alice, *own) == {"direct": 3}
    assert alice.get(REFERRERS).data["top_referrers"] == []


def test_it_counts_an_spa_that_repeats_its_referrer_as_one_visit(
    alice: Actor,
) -> None:
    for page in "abc":
        alice.view(f"https://alice.example/{page}", referrer="https://blog.example/")
    data = alice.get(REFERRERS).data
    assert data["by_category"] == [_category("referral", 3)]


def test_it_counts_a_view_by_where_its_visit_came_from(alice: Actor) -> None:
    # Micrologs counts the second one as a referral from the own site.
    alice.view("https://alice.example/a", referrer="https://blog.example/")
    alice.view("https://alice.example/b", referrer="https://alice.example/a")
    data = alice.get(REFERRERS).data
    assert data["by_category"] == [_category("referral", 2)]
    assert data["top_referrers"] == [
        {"referrer_url": "https://blog.example/", "pageviews": 2}
    ]


def test_it_shows_20_referrers_or_as_many_as_asked(alice: Actor) -> None:
    alice.view(address="192.0.2.200")
    for number in range(22):
        referrer = f"https://{number:02}.example/"
        alice.view(address=f"192.0.2.{number}", referrer=referrer)

    def hosts(query: str) -> list[str]:
        rows = alice.get(f"{REFERRERS}?{query}").data["top_referrers"]
        return [row["referrer_url"][8:10] for row in rows]

    assert hosts("") == [f"{number:02}" for number in range(20)]
    assert hosts("page=2") == ["20", "21"]
    assert hosts("limit=2&page=2") == ["02", "03"]


def test_it_can_be_filtered_by_referrer(alice: Actor) -> None:
    alice.view(address="192.0.2.1", referrer="https://www.blog.example/a")
    alice.view(address="192.0.2.2", referrer="https://x.com/")
    alice.view(address="192.0.2.3")

    def urls(query: str) -> list[str]:
        rows = alice.get(f"{REFERRERS}?{query}").data["top_referrers"]
        return [row["referrer_url"] for row in rows]

    assert urls("filter[referrer]=blog.example") == ["https://www.blog.example/a"]
    assert urls("filter[referrer_url]=~/A") == ["https://www.blog.example/a"]
    assert urls("filter[category]=social|direct") == ["https://x.com/"]
    direct = alice.get(REFERRERS + "?filter[referrer]=").data
    assert direct["by_category"] == [_category("direct", 1)]
