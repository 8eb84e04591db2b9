"""What the demo's made-up traffic draws from: pages, sources, browsers and homes.

The bakery, its blog, and the sites under ``.example`` do not exist.
"""

from __future__ import annotations

from typing import NamedTuple


class Origin(NamedTuple):
    """A way to the site; ``landing`` is a key of LANDINGS, ``bounces`` a share."""

    weight: float
    referrer: str
    query: str
    landing: str
    bounces: float


class Browser(NamedTuple):
    """A User-Agent and how common it is; ``kind`` is a key of SCREENS."""

    weight: float
    kind: str
    user_agent: str


class Home(NamedTuple):
    """Where people live; without a country their address tells nothing."""

    weight: float
    language: str
    timezone: str
    country_code: str
    country: str
    region: str
    city: str


# The first five are those of the demo site that `run` serves.
SHOP = {
    "/": "Bread by the water",
    "/menu": "Menu",
    "/visit": "Opening hours and where to find us",
    "/order": "Order",
    "/order/bread": "Order bread",
    "/order/cake": "Order a cake",
    "/order/thanks": "Thank you",
    "/about": "Who we are",
    "/jobs": "Work with us",
    "/blog": "Blog",
}
HIT = "/blog/sourdough-in-a-cold-kitchen"
POSTS = {
    HIT: "Sourdough in a cold kitchen",
    "/blog/how-to-keep-bread-fresh": "How to keep bread fresh for a week",
    "/blog/rye-for-beginners": "Rye for beginners",
    "/blog/why-we-bake-at-night": "Why we bake at night",
    "/blog/feeding-a-starter": "Feeding a starter, and forgetting to",
    "/blog/cinnamon-rolls": "The cinnamon rolls of our grandmother",
    "/blog/what-flour-numbers-mean": "What the numbers on flour mean",
    "/blog/bread-without-a-mixer": "Bread without a mixer",
    "/blog/salt": "Two grams of salt",
    "/blog/the-new-oven": "The new oven came by ship",
    "/blog/ferry-timetable-breakfast": "Breakfast by the ferry timetable",
    "/blog/freezing-rolls": "Freezing rolls the right way",
    "/blog/spelt": "Spelt is not wheat",
    "/blog/wedding-cakes": "Four wedding cakes and a storm",
    "/blog/old-bread": "Seven dishes from old bread",
    "/blog/our-miller": "A day with our miller",
    "/blog/crust": "How a crust gets loud",
    "/blog/gluten": "What gluten does",
    "/blog/apprentice": "Our first apprentice",
    "/blog/christmas-stollen": "Stollen begins in October",
    "/blog/butter": "Butter, compared",
    "/blog/opening-day": "Opening day",
}
TITLES = {**SHOP, **POSTS}

_POST_SHARES = {path: 40 / rank**0.9 for rank, path in enumerate(POSTS, 1)}
POPULARITY = {
    **{"/": 60, "/menu": 80, "/visit": 45, "/order": 30, "/about": 12, "/jobs": 3},
    **{"/blog": 25},
    **_POST_SHARES,
}
"""How likely a page is the next one; few are read often and most seldom."""

NEXT = {
    "/blog": _POST_SHARES,
    "/menu": {"/order": 5, "/visit": 3, "/": 1, "/about": 1},
    "/order": {"/order/bread": 6, "/order/cake": 3, "/menu": 2},
    "/order/bread": {"/order/thanks": 6, "/order/cake": 1, "/menu": 1},
    "/order/cake": {"/order/thanks": 5, "/order/bread": 1, "/menu": 1},
}
"""Pages that lead on to some others rather than to any."""

LANDINGS = {
    "home": {"/": 80, "/menu": 12, "/visit": 8},
    "search": {"/": 25, "/menu": 12, "/visit": 18, **_POST_SHARES},
    "shop": {"/order": 45, "/order/cake": 15, "/menu": 40},
    "visit": {"/visit": 50, "/menu": 30, "/": 20},
    "blog": {"/blog": 15, **_POST_SHARES},
    "hit": {HIT: 1},
}

_NEWSLETTER = "utm_source=newsletter&utm_medium=email&utm_campaign="
ORIGINS = [
    Origin(250, "", "", "home", 0.45),
    Origin(210, "https://www.google.com/", "", "search", 0.52),
    Origin(60, "https://www.google.de/", "", "search", 0.52),
    Origin(35, "https://www.bing.com/", "", "search", 0.50),
    Origin(30, "https://duckduckgo.com/", "", "search", 0.54),
    Origin(15, "https://www.ecosia.org/", "", "search", 0.54),
    Origin(40, "https://l.instagram.com/", "", "home", 0.66),
    Origin(30, "https://m.facebook.com/", "", "blog", 0.68),
    Origin(20, "https://www.reddit.com/r/Breadit/", "", "blog", 0.70),
    Origin(10, "https://bsky.app/", "", "blog", 0.66),
    Origin(8, "https://t.co/Bread4All", "", "blog", 0.72),
    Origin(8, "https://www.youtube.com/", "", "blog", 0.64),
    Origin(6, "https://www.linkedin.com/", "", "home", 0.60),
    Origin(12, "https://mail.google.com/", "", "home", 0.42),
    Origin(6, "https://outlook.live.com/", "", "home", 0.42),
    Origin(25, "https://chatgpt.com/", "", "visit", 0.48),
    Origin(10, "https://www.perplexity.ai/", "", "blog", 0.48),
    Origin(6, "https://claude.ai/", "", "blog", 0.48),
    Origin(5, "https://copilot.microsoft.com/", "", "visit", 0.50),
    Origin(20, "https://crumbs.example/best-bakeries-by-the-sea", "", "home", 0.55),
    Origin(14, "https://flourandwater.example/links", "", "blog", 0.58),
    Origin(12, "https://harbourtown.example/eat", "", "visit", 0.50),
    Origin(6, "https://slowweekend.example/2-days", "", "visit", 0.55),
    Origin(22, "", _NEWSLETTER + "sunday-rolls", "shop", 0.40),
    Origin(14, "", _NEWSLETTER + "new-oven&utm_content=picture", "blog", 0.44),
    Origin(
        20,
        "https://www.google.com/",
        "utm_source=google&utm_medium=cpc&utm_campaign=cakes&utm_term=birthday+cake",
        *("shop", 0.56),
    ),
    Origin(
        14,
        "https://l.instagram.com/",
        "utm_source=instagram&utm_medium=paid_social&utm_campaign=cakes",
        *("shop", 0.66),
    ),
    Origin(
        6,
        "https://harbourtown.example/",
        "utm_source=harbourtown&utm_medium=banner&utm_campaign=summer",
        *("home", 0.70),
    ),
    Origin(
        5,
        "https://crumbs.example/gifts",
        "utm_source=crumbs&utm_medium=affiliate&utm_campaign=gifts",
        *("shop", 0.50),
    ),
]
# People who know the site type its name, or follow its newsletter.
RETURNS = [
    Origin(60, "", "", "home", 0.42),
    Origin(12, "", _NEWSLETTER + "sunday-rolls", "shop", 0.38),
    *ORIGINS[1:],
]
SPIKE = Origin(1, "https://news.ycombinator.com/", "", "hit", 0.64)

_GECKO = "AppleWebKit/537.36 (KHTML, like Gecko)"
_WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
_WINDOWS = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_GECKO} Chrome/"
_MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10"
_IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS"
_IOS = f"like Mac OS X) {_WEBKIT}"
_PHONE = f"Mozilla/5.0 (Linux; Android 10; K) {_GECKO}"
BROWSERS = [
    Browser(170, "desktop", f"{_WINDOWS}140.0.0.0 Safari/537.36"),
    Browser(45, "desktop", f"{_WINDOWS}139.0.0.0 Safari/537.36"),
    Browser(60, "desktop", f"{_WINDOWS}140.0.0.0 Safari/537.36 Edg/140.0.0.0"),
    Browser(10, "desktop", f"{_WINDOWS}138.0.0.0 Safari/537.36 OPR/122.0.0.0"),
    Browser(
        *(35, "desktop"),
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0)"
        " Gecko/20100101 Firefox/143.0",
    ),
    Browser(60, "mac", f"{_MAC}_15_7) {_WEBKIT} Version/18.6 Safari/605.1.15"),
    Browser(45, "mac", f"{_MAC}_15_7) {_GECKO} Chrome/140.0.0.0 Safari/537.36"),
    Browser(10, "mac", f"{_MAC}.15; rv:143.0) Gecko/20100101 Firefox/143.0"),
    Browser(
        *(12, "desktop"),
        "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
    ),
    Browser(
        *(10, "desktop"),
        f"Mozilla/5.0 (X11; Linux x86_64) {_GECKO} Chrome/140.0.0.0 Safari/537.36",
    ),
    Browser(
        *(6, "desktop"),
        f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {_GECKO}"
        " Chrome/139.0.0.0 Safari/537.36",
    ),
    Browser(
        *(150, "iphone"),
        f"{_IPHONE} 18_6 {_IOS} Version/18.6 Mobile/15E148 Safari/604.1",
    ),
    Browser(
        *(50, "iphone"),
        f"{_IPHONE} 17_6_1 {_IOS} Version/17.6 Mobile/15E148 Safari/604.1",
    ),
    Browser(
        *(25, "iphone"),
        f"{_IPHONE} 18_6 {_IOS} CriOS/140.0.7339.101 Mobile/15E148 Safari/604.1",
    ),
    Browser(
        *(15, "iphone"),
        f"{_IPHONE} 18_6 {_IOS} Mobile/15E148 Instagram 397.0.0.22.82",
    ),
    Browser(160, "android", f"{_PHONE} Chrome/140.0.0.0 Mobile Safari/537.36"),
    Browser(40, "android", f"{_PHONE} Chrome/138.0.0.0 Mobile Safari/537.36"),
    Browser(
        *(45, "android"),
        f"{_PHONE} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
    ),
    Browser(
        *(12, "android"),
        "Mozilla/5.0 (Android 15; Mobile; rv:143.0) Gecko/143.0 Firefox/143.0",
    ),
    Browser(
        *(6, "android"),
        f"Mozilla/5.0 (Linux; Android 14) {_GECKO} Version/4.0 Chrome/139.0.0.0"
        " Mobile DuckDuckGo/5 Safari/537.36",
    ),
    Browser(
        *(22, "ipad"),
        f"Mozilla/5.0 (iPad; CPU OS 17_6 {_IOS} Version/17.6"
        " Mobile/15E148 Safari/604.1",
    ),
    Browser(
        *(12, "tablet"),
        f"Mozilla/5.0 (Linux; Android 13; SM-X200) {_GECKO}"
        " Chrome/139.0.0.0 Safari/537.36",
    ),
]
SCREENS = {
    "desktop": {"1920x1080": 50, "1536x864": 18, "1366x768": 14, "2560x1440": 18},
    "mac": {"1440x900": 40, "1512x982": 25, "1728x1117": 20, "2560x1440": 15},
    "iphone": {"390x844": 45, "393x852": 30, "430x932": 15, "375x667": 10},
    "android": {"412x915": 40, "360x800": 35, "384x832": 15, "393x873": 10},
    "ipad": {"820x1180": 60, "768x1024": 40},
    "tablet": {"800x1280": 100},
}

HOMES = [
    Home(220, "de-DE", "Europe/Berlin", "DE", "Germany", "Hamburg", "Hamburg"),
    Home(90, "de-DE", "Europe/Berlin", "DE", "Germany", "Bremen", "Bremen"),
    Home(80, "de-DE", "Europe/Berlin", "DE", "Germany", "State of Berlin", "Berlin"),
    Home(45, "de", "Europe/Berlin", "DE", "Germany", "Bavaria", "Munich"),
    Home(60, "en-GB", "Europe/London", "GB", "United Kingdom", "England", "London"),
    Home(20, "en-GB", "Europe/London", "GB", "United Kingdom", "Scotland", "Glasgow"),
    Home(40, "nl-NL", "Europe/Amsterdam", "NL", "Netherlands", "", "Rotterdam"),
    Home(35, "da-DK", "Europe/Copenhagen", "DK", "Denmark", "", "Copenhagen"),
    Home(35, "fr-FR", "Europe/Paris", "FR", "France", "Brittany", "Brest"),
    Home(25, "sv-SE", "Europe/Stockholm", "SE", "Sweden", "", "Gothenburg"),
    Home(25, "de-AT", "Europe/Vienna", "AT", "Austria", "Vienna", "Vienna"),
    Home(25, "de-CH", "Europe/Zurich", "CH", "Switzerland", "Zurich", "Zürich"),
    Home(20, "pl-PL", "Europe/Warsaw", "PL", "Poland", "Pomerania", "Gdańsk"),
    Home(20, "es-ES", "Europe/Madrid", "ES", "Spain", "Galicia", "Vigo"),
    Home(55, "en-US", "America/New_York", "US", "United States", "New York", ""),
    Home(30, "en-US", "America/Los_Angeles", "US", "United States", "California", ""),
    Home(12, "en-CA", "America/Halifax", "CA", "Canada", "Nova Scotia", "Halifax"),
    Home(12, "ja-JP", "Asia/Tokyo", "JP", "Japan", "Tokyo", "Tokyo"),
    Home(10, "en-AU", "Australia/Hobart", "AU", "Australia", "Tasmania", "Hobart"),
    Home(10, "en-IN", "Asia/Kolkata", "IN", "India", "Kerala", "Kochi"),
    Home(40, "en-US", "Europe/Berlin", "", "", "", ""),
]

HOURS = [2, 1, 1, 1, 2, 5, 12, 22, 30, 34, 36, 40, 44, 38, 34, 33, 34, 36, 38, 42]
HOURS += [40, 30, 16, 6]
"""How much of a day's traffic begins in each of its hours."""
WEEKDAYS = [0.82, 0.92, 0.96, 1.0, 1.16, 1.34, 0.80]
"""Monday first."""
FURTHER_PAGES = {1: 38, 2: 25, 3: 16, 4: 10, 5: 6, 6: 3, 7: 2}
"""How many pages a visit that does not bounce has beyond the first."""
