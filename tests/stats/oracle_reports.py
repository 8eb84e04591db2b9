"""Every report as the oracle counts it: the second half of ``oracle``."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from tests.stats.oracle import (
    OF_VISITS,
    Asked,
    Figures,
    Oracle,
    Span,
    View,
    Visit,
    bucket_of,
    percentage,
)

Row = dict[str, Any]
Report = dict[str, Any]


class Ranked(list[Row]):
    """Rows in falling order of a figure; the order of equals is not defined."""

    def __init__(self, rows: Iterable[Row], by: str) -> None:
        super().__init__(sorted(rows, key=lambda row: -row[by]))
        self.by = by


def answer(oracle: Oracle, report: str, asked: Asked) -> Report:
    """Return ``data``, with ``range`` and, if asked for, ``compare``.

    It is counted once: what is asked of one database is asked of the other one too.
    """
    question = f"{report} {asked}"
    if question not in oracle.answers:
        oracle.answers[question] = _answer(oracle, report, asked)
    return oracle.answers[question]


def _answer(oracle: Oracle, report: str, asked: Asked) -> Report:
    count_it = REPORTS[report]
    data = {"range": _range(asked.span), **count_it(oracle, asked)}
    if asked.compared:
        compared = count_it(oracle, asked.over(asked.compared))
        data["compare"] = {"range": _range(asked.compared), **compared}
    return data


def _range(span: Span) -> Row:
    return {"from": f"{span.first} 00:00:00", "to": f"{span.last} 23:59:59"}


def visitors(oracle: Oracle, asked: Asked) -> Report:
    whole = oracle.figures(asked)
    return {
        "unique_visitors": whole.visitors,
        "total_pageviews": whole.pageviews,
        "total_sessions": len(whole.visits),
        "bounce_rate": whole.bounce_rate,
        "over_time": [
            {
                "date": label,
                "pageviews": part.pageviews,
                "unique_visitors": part.visitors,
            }
            for label, part in oracle.over_time(asked).items()
        ],
    }


def visitors_returning(oracle: Oracle, asked: Asked) -> Report:
    """Count as new who had his first view ever in the span; day by day likewise."""
    seen = {view.visitor for view in oracle.figures(asked).views}
    if oracle.project.identity == "cookieless":
        names = ("new_visitors", "returning_visitors", "new_pct", "returning_pct")
        unknown: Report = dict.fromkeys(names)
        return {
            "total_visitors": len(seen),
            **unknown,
            "knowable": False,
            "over_time": [],
        }
    first, last = asked.span
    new = sum(first <= oracle.first_day[visitor] <= last for visitor in seen)
    steps = []
    for label, part in oracle.over_time(asked).items():
        seen_then = {view.visitor for view in part.views}
        fresh = sum(_is_new(oracle, visitor, label, asked) for visitor in seen_then)
        step = {"new_visitors": fresh, "returning_visitors": len(seen_then) - fresh}
        steps.append({"date": label, **step})
    return {
        "total_visitors": len(seen),
        "new_visitors": new,
        "returning_visitors": len(seen) - new,
        "new_pct": percentage(new, len(seen)),
        "returning_pct": percentage(len(seen) - new, len(seen)),
        "over_time": steps,
    }


def _is_new(oracle: Oracle, visitor: object, label: str, asked: Asked) -> bool:
    """Return whether a step of the span has the visitor's first day.

    New in an hour is who was new on its day.
    """
    first_day = oracle.first_day[visitor]
    if asked.interval == "hour":
        return str(first_day) == label[:10]
    return asked.span.has(first_day) and bucket_of(first_day, asked) == label


def sessions(oracle: Oracle, asked: Asked) -> Report:
    whole = oracle.figures(asked)
    return {
        "total_sessions": len(whole.visits),
        "bounce_rate": whole.bounce_rate,
        "avg_duration_seconds": whole.duration,
        "avg_duration_engaged": whole.duration_engaged,
        "avg_pages_per_session": whole.views_per_visit,
        "over_time": [
            {
                "date": label,
                "sessions": len(part.visits),
                "avg_duration_seconds": part.duration,
            }
            for label, part in oracle.over_time(asked).items()
        ],
    }


def summary(oracle: Oracle, asked: Asked) -> Report:
    now = _headline(oracle.figures(asked))
    span = asked.compared or asked.span.previous()
    before = _headline(oracle.figures(asked.over(span)))
    return {
        name: {
            "value": value,
            "previous": before[name],
            "change": percentage(value - before[name], before[name])
            if before[name]
            else None,
        }
        for name, value in now.items()
    }


def _headline(figures: Figures) -> dict[str, float]:
    return {
        "visitors": figures.visitors,
        "visits": len(figures.visits),
        "pageviews": figures.pageviews,
        "views_per_visit": figures.views_per_visit,
        "bounce_rate": figures.bounce_rate,
        "duration_seconds": figures.duration,
    }


def pages(oracle: Oracle, asked: Asked) -> Report:
    by_page = defaultdict(list)
    for view in oracle.figures(asked).views:
        by_page[view.beacon.host, view.beacon.path].append(view)
    rows = [
        {
            "url": "https://" + "".join(page),
            "page_title": oracle.titles[page],
            "pageviews": len(views),
            "unique_visitors": len({view.visitor for view in views}),
        }
        for page, views in by_page.items()
    ]
    return {"count": len(rows), "pages": Ranked(rows, "pageviews")}


def entry_pages(oracle: Oracle, asked: Asked) -> Report:
    return _ends(oracle, asked, lambda visit: visit.first)


def exit_pages(oracle: Oracle, asked: Asked) -> Report:
    return _ends(oracle, asked, lambda visit: visit.last)


def _ends(oracle: Oracle, asked: Asked, end: Callable[[Visit], View]) -> Report:
    by_page = defaultdict(list)
    for visit in oracle.figures(asked).visits:
        by_page[end(visit).beacon.host, end(visit).beacon.path].append(visit)
    rows = [
        {
            "url": "https://" + "".join(page),
            "page_title": oracle.titles[page],
            "visits": len(visits),
            "unique_visitors": len({visit.visitor for visit in visits}),
            "bounce_rate": Figures([], visits).bounce_rate,
        }
        for page, visits in by_page.items()
    ]
    return {"count": len(rows), "pages": Ranked(rows, "visits")}


def _break_down(oracle: Oracle, asked: Asked, names: dict[str, str]) -> list[Row]:
    """Return pageviews, visits and unique_visitors of each value of the dimensions.

    They list what was shown in the span: of the visits that began in it those count
    that have one of these views. (It makes a difference only under a filter of pages,
    for visits that see the page after the span's last midnight.)
    """

    def labels(visit: Visit) -> tuple[str, ...]:
        return tuple(OF_VISITS[name](visit) for name in names.values())

    by_value = defaultdict(list)
    for view in oracle.figures(asked).views:
        by_value[labels(view.visit)].append(view)
    return [
        {
            **dict(zip(names, value)),
            "visits": len(
                {id(view.visit) for view in views if asked.span.has(view.visit.day)}
            ),
            "pageviews": len(views),
            "unique_visitors": len({view.visitor for view in views}),
        }
        for value, views in by_value.items()
    ]


def _ranked(rows: Iterable[Row], *keys: str) -> Ranked:
    """Return the rows with only those keys."""
    return Ranked(({key: row[key] for key in keys} for row in rows), "pageviews")


def devices(oracle: Oracle, asked: Asked) -> Report:
    by_device = _break_down(oracle, asked, {"device_type": "device"})
    by_os = _break_down(oracle, asked, {"os": "os"})
    by_browser = _break_down(oracle, asked, {"browser": "browser"})
    return {
        "by_device": _ranked(by_device, "device_type", "pageviews", "unique_visitors"),
        "by_os": _ranked(by_os, "os", "pageviews"),
        "by_browser": _ranked(by_browser, "browser", "pageviews"),
    }


def locations(oracle: Oracle, asked: Asked) -> Report:
    """Without a file of places, none is known: one row without names."""
    whole = oracle.figures(asked)
    country = {"country": "", "country_code": "", "pageviews": whole.pageviews}
    rows = [country] if whole.pageviews else []
    return {
        "by_country": [{**row, "unique_visitors": whole.visitors} for row in rows],
        "by_region": [{**row, "region": ""} for row in rows],
        "by_city": [
            {"city": "", "region": "", "country_code": "", "pageviews": whole.pageviews}
            for _ in rows
        ],
    }


def referrers(oracle: Oracle, asked: Asked) -> Report:
    by_category = _break_down(oracle, asked, {"category": "category"})
    by_url = _break_down(oracle, asked, {"referrer_url": "referrer_url"})
    known = [row for row in by_url if row["referrer_url"]]
    return {
        "by_category": _ranked(by_category, "category", "pageviews", "unique_visitors"),
        "top_referrers": _ranked(known, "referrer_url", "pageviews"),
    }


def utm(oracle: Oracle, asked: Asked) -> Report:
    names = ("utm_source", "utm_medium", "utm_campaign")
    rows = _break_down(oracle, asked, {name: name for name in names})
    known = [row for row in rows if any(row[name] for name in names)]
    found = _ranked(known, *names, "pageviews", "unique_visitors")
    return {"count": len(found), "campaigns": found}


def _breakdown(key: str, **names: str) -> Callable[[Oracle, Asked], Report]:
    def report(oracle: Oracle, asked: Asked) -> Report:
        rows = _break_down(oracle, asked, names)
        return {"count": len(rows), key: Ranked(rows, "pageviews")}

    return report


def hours(oracle: Oracle, asked: Asked) -> Report:
    """Count each hour of the week; visitors are those of each hour, summed."""
    whole = oracle.figures(asked)
    views: Counter[tuple[int, int]] = Counter()
    visits: Counter[tuple[int, int]] = Counter()
    people: Counter[tuple[int, int]] = Counter()
    for view in whole.views:
        views[view.day.weekday(), view.local.hour] += 1
    for visit in whole.visits:
        visits[visit.day.weekday(), visit.first.local.hour] += 1
    for day, hour, _ in {
        (view.day, view.local.hour, view.visitor) for view in whole.views
    }:
        people[day.weekday(), hour] += 1
    return {
        "hours": [
            {
                "weekday": weekday,
                "hour": hour,
                "pageviews": views[weekday, hour],
                "visits": visits[weekday, hour],
                "unique_visitors": people[weekday, hour],
            }
            for weekday in range(7)
            for hour in range(24)
        ]
    }


REPORTS: dict[str, Callable[[Oracle, Asked], Report]] = {
    "visitors": visitors,
    "visitors-returning": visitors_returning,
    "sessions": sessions,
    "summary": summary,
    "pages": pages,
    "entry-pages": entry_pages,
    "exit-pages": exit_pages,
    "devices": devices,
    "locations": locations,
    "referrers": referrers,
    "utm": utm,
    "channels": _breakdown("channels", channel="channel"),
    "screens": _breakdown("screens", screen="screen"),
    "languages": _breakdown("languages", language="language"),
    "timezones": _breakdown("timezones", timezone="timezone"),
    "browsers": _breakdown(
        "browsers", browser="browser", browser_version="browser_version"
    ),
    "os": _breakdown("os", os="os", os_version="os_version"),
    "hours": hours,
}
