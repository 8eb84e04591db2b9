"""GET /api/analytics/links."""

from __future__ import annotations

from tests.conftest import Actor
from tests.links.calls import SHOP, create, follow
from tests.wsgi import FIREFOX

LINKS = "/api/analytics/links"


def test_it_lists_links_by_clicks_in_the_contracts_words(alice: Actor) -> None:
    few, many = create(alice, label="Few")["code"], create(alice)["code"]
    none = create(alice)["code"]
    follow(alice, few)
    for agent in ("", FIREFOX, FIREFOX):
        follow(alice, many, {"User-Agent": agent} if agent else {})
    follow(alice, many, {"DNT": "1"})
    for suffix, path in (("", "/l/"), (".php", "/api/redirect.php?c=")):
        answer = alice.get(LINKS + suffix)
        assert answer.json["message"] == "Link analytics fetched successfully"
        data = answer.data
        assert data["range"]["to"] == "2026-03-04 23:59:59"
        assert data["count"] == 3
        codes = [link["code"] for link in data["links"]]
        assert codes == [many, few, none]
        assert data["links"][1] == {
            "code": few,
            "short_url": f"http://stats.example{path}{few}",
            "label": "Few",
            "destination_url": SHOP,
            "total_clicks": 1,
            "unique_clicks": 1,
            "created_at": "2026-03-04 12:00:00",
        }
        # Who asks not to be tracked counts, but nobody knows who he is.
        figures = [
            (link["total_clicks"], link["unique_clicks"]) for link in data["links"]
        ]
        assert figures == [(4, 2), (1, 1), (0, 0)]


def test_it_counts_the_range_only(alice: Actor) -> None:
    code = create(alice)["code"]
    for _ in range(3):
        follow(alice, code)
        follow(alice, code)
        alice.installation.clock.move(days=1)

    def figures(query: str) -> tuple[int, int]:
        [link] = alice.get(f"{LINKS}?{query}").data["links"]
        return link["total_clicks"], link["unique_clicks"]

    assert figures("range=30d") == (6, 3)
    assert figures("range=all") == (6, 3)
    assert figures("range=custom&from=2026-03-05&to=2026-03-05") == (2, 1)
    assert figures("range=today") == (0, 0)
    data = alice.get(f"{LINKS}?range=yesterday&compare=previous").data
    assert data["compare"]["links"][0]["total_clicks"] == 2
    [old] = alice.get(f"{LINKS}.php?range=2d&limit=0").data["links"]
    assert old["total_clicks"] == 2


def test_it_has_pages_and_csv(alice: Actor) -> None:
    codes = []
    for number in range(3):
        alice.installation.clock.move(seconds=1)
        codes.append(create(alice, label=f"={number}")["code"])
    data = alice.get(f"{LINKS}?limit=2&page=2").data
    assert [link["code"] for link in data["links"]] == codes[:1]
    answer = alice.get(f"{LINKS}?format=csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="links.csv"'
    lines = answer.body.decode("utf-8-sig").splitlines()
    assert lines[0] == (
        "code,short_url,label,destination_url,created_at,total_clicks,unique_clicks"
    )
    assert lines[1] == (
        f"{codes[2]},http://stats.example/l/{codes[2]},'=2,{SHOP},"
        "2026-03-04 12:00:03,0,0"
    )
    assert alice.get(f"{LINKS}.php?limit=1&page=2").data["count"] == 3


def test_it_shows_only_ones_own(alice: Actor, charlie: Actor) -> None:
    follow(charlie, create(charlie)["code"])
    assert alice.get(LINKS).data["links"] == []
    assert alice.get(f"{LINKS}?range=all").data["links"] == []


def test_it_names_a_parameter_it_cannot_take(alice: Actor) -> None:
    for query in ("range=x", "filter[page]=/a", "code=x", "limit=0"):
        answer = alice.get(f"{LINKS}?{query}")
        assert answer.status == 400
        assert answer.json["field"] == query.partition("=")[0]
        assert alice.get(f"{LINKS}.php?{query}").status == 200
