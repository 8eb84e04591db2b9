"""The channel of a visit."""

from __future__ import annotations

import pytest

from app.client.channel import CHANNELS, channel_of
from app.client.referrer import source_of


@pytest.mark.parametrize(
    ("referrer", "utm_source", "utm_medium", "channel"),
    [
        ("", "", "", "direct"),
        ("https://www.google.com/", "", "", "organic_search"),
        ("https://www.google.com/", "google", "cpc", "paid_search"),
        ("", "google", "cpc", "paid_search"),
        ("", "bing", "organic", "organic_search"),
        ("https://l.facebook.com/", "", "", "social"),
        ("https://l.facebook.com/", "facebook", "paid_social", "paid_social"),
        ("", "instagram", "cpc", "paid_social"),
        ("", "reddit", "", "social"),
        ("", "x", "social", "social"),
        ("https://mail.google.com/", "", "", "email"),
        ("", "newsletter", "", "email"),
        ("", "march", "e-mail", "email"),
        ("https://www.google.com/", "spring", "email", "email"),
        ("https://blog.example/", "", "", "referral"),
        ("", "blog", "", "referral"),
        ("", "network", "display", "display"),
        ("", "network", "banner", "display"),
        ("", "network", "cpm", "display"),
        ("", "network", "ppc", "display"),
        ("", "friend", "affiliate", "affiliate"),
        ("https://chatgpt.com/", "", "", "ai_assistant"),
        ("", "chatgpt.com", "", "ai_assistant"),
        ("https://www.perplexity.ai/search", "", "", "ai_assistant"),
        ("https://notchatgpt.com/", "", "", "referral"),
        ("", "GOOGLE", "CPC", "paid_search"),
        ("", "s" * 255, "paid" + "x" * 251, "display"),
    ],
)
def test_it_finds_the_channel(
    referrer: str, utm_source: str, utm_medium: str, channel: str
) -> None:
    source = source_of(referrer, ["alice.example"])
    assert CHANNELS[channel_of(source, utm_source, utm_medium)] == channel
