"""The channel through which a visit came: one table of rules, first match wins.

Source: the default channel groups that Google Analytics 4 documents, which people know
from there, with AI assistants as a channel of their own; hosts are told apart by
app/client/referrer.py.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from app.client.referrer import Source

CHANNELS = (
    "direct",
    "organic_search",
    "paid_search",
    "social",
    "paid_social",
    "email",
    "referral",
    "display",
    "affiliate",
    "ai_assistant",
)
"""A visit keeps the place of its channel in here: append, never reorder."""

AI_HOSTS = (
    "chatgpt.com",
    "chat.openai.com",
    "claude.ai",
    "perplexity.ai",
    "gemini.google.com",
    "copilot.microsoft.com",
    "chat.mistral.ai",
    "chat.deepseek.com",
    "grok.com",
    "meta.ai",
    "poe.com",
    "you.com",
    "phind.com",
)

# Text, not patterns: most visits have no utm values to be compared with them.
PAID = r"cpc|ppc|cpm|cpv|cpa|retargeting|paid.*|.*[-_ ]paid"
DISPLAY = r"display|banner|expandable|interstitial|cpm"
SOCIAL = r"social|social[-_ ]?(network|media)|sm|paid[-_ ]?social"
EMAIL = r"e[-_ ]?mail|newsletter"
AFFILIATE = r"affiliates?|partner"
ORGANIC = "organic"

SEARCH_SOURCES = ("google", "bing", "yahoo", "duckduckgo", "baidu", "yandex", "ecosia")
SOCIAL_SOURCES = (
    "facebook",
    "fb",
    "instagram",
    "ig",
    "twitter",
    "x",
    "linkedin",
    "tiktok",
    "youtube",
    "pinterest",
    "reddit",
    "snapchat",
    "whatsapp",
    "telegram",
    "mastodon",
    "bluesky",
    "threads",
)


def channel_of(source: Source | None, utm_source: str, utm_medium: str) -> int:
    """Return the place in CHANNELS of a visit's channel.

    ``source`` is where the visitor came from, None for nowhere; the utm values are
    those of the address he landed on, and say more than the referrer does.
    """
    return CHANNELS.index(_name(source, utm_source.lower(), utm_medium.lower()))


def _name(source: Source | None, utm_source: str, utm_medium: str) -> str:
    category = source.category if source else ""
    host = source.host if source else ""
    is_search = category == "organic_search" or utm_source in SEARCH_SOURCES
    is_social = (
        category == "social" or utm_source in SOCIAL_SOURCES or _is(SOCIAL, utm_medium)
    )
    rules = (
        (_is_assistant(host) or _is_assistant(utm_source), "ai_assistant"),
        (_is(AFFILIATE, utm_medium), "affiliate"),
        (_is(EMAIL, utm_medium) or _is(EMAIL, utm_source), "email"),
        (is_social and _is(PAID, utm_medium), "paid_social"),
        (is_search and _is(PAID, utm_medium), "paid_search"),
        (_is(DISPLAY, utm_medium), "display"),
        (is_social, "social"),
        (is_search, "organic_search"),
        (_is(ORGANIC, utm_medium), "organic_search"),
        (category == "email", "email"),
        (_is(PAID, utm_medium), "display"),
        (host or utm_source or utm_medium, "referral"),
    )
    return next((channel for applies, channel in rules if applies), "direct")


def _is(pattern: str, value: str) -> bool:
    return bool(value) and bool(re.fullmatch(pattern, value))


def _is_assistant(host: str) -> bool:
    return any(host == ours or host.endswith("." + ours) for ours in AI_HOSTS)
