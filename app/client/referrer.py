"""Where a visit came from, by the address of the page that linked to it."""

from __future__ import annotations

from collections import namedtuple

from app.client.url import split_url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_MAX_URL = 1024
_SCHEMES = ("http", "https", "android-app")

# A host stands for itself and its subdomains; the longest match wins.
_HOSTS = {
    "organic_search": """
        alohafind.com ask.com baidu.com bing.com coccoc.com dogpile.com duckduckgo.com
        ecosia.org excite.com go.mail.ru haosou.com kagi.com lilo.org lycos.com
        marginalia-search.com metager.de metager.org mojeek.com nova.rambler.ru
        presearch.com qwant.com search.aol.com search.brave.com search.daum.net
        search.goo.ne.jp search.marginalia.nu search.naver.com search.sapo.pt
        search.seznam.cz seznam.cz sm.cn so.com sogou.com startpage.com
        swisscows.com webcrawler.com ya.ru yep.com zapmeta.com
        com.duckduckgo.mobile.android com.google.android.googlequicksearchbox
        com.microsoft.bing
    """,
    "social": """
        bsky.app discord.com discord.gg discordapp.com douban.com douyin.com
        facebook.com fb.com fb.me flickr.com fosstodon.org hachyderm.io
        infosec.exchange instagram.com lemmy.world line.me linkedin.com lnkd.in
        lobste.rs mastodon.online mastodon.social messenger.com mixi.jp mstdn.jp
        mstdn.social my.mail.ru news.ycombinator.com nextdoor.com ok.ru pin.it
        plurk.com quora.com qzone.qq.com redd.it reddit.com snapchat.com
        story.kakao.com t.cn t.co t.me telegram.me telegram.org threads.com
        threads.net tieba.baidu.com tiktok.com tumblr.com twitch.tv twitter.com
        vk.com vk.ru wa.me weibo.cn weibo.com whatsapp.com x.com xiaohongshu.com
        xing.com youtu.be youtube.com zhihu.com
        com.facebook.katana com.facebook.orca com.google.android.youtube
        com.instagram.android com.linkedin.android com.pinterest
        com.reddit.frontpage com.twitter.android com.whatsapp
        org.telegram.messenger
    """,
    "email": """
        deref-gmx.net deref-mail.com deref-web.de e.mail.ru email.seznam.cz
        email.t-online.de fastmail.com gmail.com gmx.com gmx.de gmx.net hotmail.com
        list-manage.com mail.com mailchi.mp outlook.com outlook.live.com
        outlook.office.com outlook.office365.com protonmail.com touch.mail.ru
        tuta.com tutanota.com
        ch.protonmail.android com.fsck.k9 com.google.android.gm
        com.microsoft.office.outlook com.samsung.android.email.provider
        com.yahoo.mobile.client.android.mail net.thunderbird.android
    """,
}
_CATEGORY = {host: name for name, hosts in _HOSTS.items() for host in hosts.split()}

# Companies with a domain in each country, and where under it people search. What
# is not listed is another of their services: docs.google.com is a referral.
_SEARCH_PARTS = {
    "google": frozenset(["", "cse", "encrypted", "images", "ipv4", "lens", "scholar"]),
    "yahoo": frozenset(["", "search"]),
    "yandex": frozenset(["", "m", "search"]),
}
_SECOND_LEVELS = frozenset(["co", "com", "net", "or", "org"])


class Source(namedtuple("Source", ("url", "host", "category"))):
    """The page that linked to a visit's first page.

    Shape: ``url`` is scheme, host and path, at most 1024 characters; ``host`` is
    lower case without ``www.`` and port; ``category`` is organic_search, social,
    email or referral.
    """

    __slots__ = ()
    url: str
    host: str
    category: str


def source_of(referrer: str, own_hosts: Iterable[str]) -> Source | None:
    """Return where a visit came from, None if it came directly.

    A referrer that is empty, not a URL of the web or of an Android app, or under
    one of ``own_hosts`` counts as direct.
    """
    try:
        scheme, host, port, path, _ = split_url(referrer)
    except ValueError:
        return None
    name = _without_www(host)
    if scheme not in _SCHEMES or _is_own(name, own_hosts):
        return None
    authority = f"{host}:{port}" if port else host
    return Source(f"{scheme}://{authority}{path}"[:_MAX_URL], name, category_of(name))


def category_of(host: str) -> str:
    """Return the kind of source a host is: organic_search, social, email, referral.

    ``host`` is lower case, without ``www.``. Whole labels are compared, so
    netflix.com is not under x.com and climbing.com is not Bing.
    """
    labels = host.split(".")
    # A company's webmail is under a name of its own: webmail.example.org.
    if len(labels) > 2 and labels[0] in ("mail", "webmail"):
        return "email"
    for start in range(len(labels) - 1):
        category = _CATEGORY.get(".".join(labels[start:]))
        if category:
            return category
    return _category_in_countries(labels)


def _category_in_countries(labels: list[str]) -> str:
    """Return the category of hosts such as google.co.uk and de.search.yahoo.com."""
    is_country = len(labels[-1]) == 2
    size = 2 if is_country and labels[-2:-1] and labels[-2] in _SECOND_LEVELS else 1
    if len(labels) <= size or not (is_country or labels[-1] in ("cat", "com")):
        return "referral"
    company, part = labels[-size - 1], labels[: -size - 1]
    if company == "pinterest":
        return "social"
    is_search = (part[-1] if part else "") in _SEARCH_PARTS.get(company, ())
    return "organic_search" if is_search else "referral"


def _is_own(name: str, own_hosts: Iterable[str]) -> bool:
    for own_host in own_hosts:
        try:
            # A project's domain may carry the port it is served on.
            own = _without_www(split_url(f"http://{own_host}")[1])
        except ValueError:
            continue
        if name == own or name.endswith(f".{own}"):
            return True
    return False


def _without_www(host: str) -> str:
    return host[4:] if host.startswith("www.") else host
