"""What a User-Agent says about the device, its system and its browser."""

from __future__ import annotations

import re
from collections import namedtuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Browsers send 100 to 400 characters. The parser tries some thousand patterns,
# so the length of the text is the cost of a hostile one.
_MAX_TEXT = 512
_MAX_LABEL = 60
_MAX_VERSION = 20

_SYSTEMS = {
    "Chrome OS": "ChromeOS",
    "Mac OS": "macOS",
    "Mac OS X": "macOS",
    "Other": "Unknown",
    "WatchOS": "watchOS",
    "Web0S": "webOS",
}
_BROWSERS = {
    "Android": "Android Browser",
    "MiuiBrowser": "Mi Browser",
    "Other": "Unknown",
    "VivoBrowser": "Vivo Browser",
    "WeChat Browser": "WeChat",
}
# Televisions (AFT… are Amazon's), consoles, glasses and cars: the parser takes those
# with Android for tablets and the Xbox and a Tesla for computers.
# Text, not patterns: compiled when a User-Agent is new, and not in each process.
_NO_TYPE = (
    r"(?a)TV\b|\bAFT[A-Z0-9]{1,6}\b|BRAVIA|Chromecast|CrKey|MIBOX|Web0S|\bVR\b"
    r"|PlayStation|Nintendo|Xbox|\bTesla/"
)
# Which the parser does not know, or knows as the Android they once came from.
_MORE_SYSTEMS = r"(?a)(PlayStation|Nintendo|HarmonyOS|OpenHarmony)(?!; P)(?: ([\d.]+))?"
_LINUXES = frozenset(
    [
        *("Arch Linux", "Backtrack", "CentOS", "Debian", "Fedora", "Gentoo"),
        *("Kubuntu", "Linux Mint", "Lubuntu", "Mageia", "Mandriva", "Mint"),
        *("PCLinuxOS", "Puppy", "Raspbian", "Red Hat", "SUSE", "Slackware"),
        *("Ubuntu", "VectorLinux", "Xubuntu", "openSUSE"),
    ]
)
# "Mobile Safari UI/WKWebView" is Safari, "Chrome Mobile iOS" is Chrome.
_DECORATION = r"(?a)^Mobile (?=.)|(?: Mobile)?(?: WebView| iOS| UI/WKWebView)?$"
# Whose users speak of 17.4; Chrome, Edge and Firefox count whole numbers only.
_WITH_MINOR = frozenset(
    [
        *("Android Browser", "Opera Mini", "Safari", "Samsung Internet", "UC Browser"),
        *("Vivaldi", "Yandex Browser"),
    ]
)


class Device(
    namedtuple("Device", ("type", "os", "os_version", "browser", "browser_version"))
):
    """What a visitor's browser runs on.

    Shape: ``type`` is desktop, mobile, tablet or unknown; ``os`` and ``browser``
    are names of at most 60 characters, ``Unknown`` if they cannot be told;
    versions have at most 20 characters and may be ''.
    """

    __slots__ = ()
    type: str
    os: str
    os_version: str
    browser: str
    browser_version: str


def describe(user_agent: str) -> Device:
    """Return the device, system and browser of a User-Agent, never fails.

    Reads the first 512 characters. Windows 11 says it is 10, macOS after 10.15
    that it is 10.15.7, and an iPad asking for desktop pages that it is a Mac.
    """
    # Costs 170 ms, so it stays out of requests whose browser is known.
    from user_agents import parse

    agent = parse(user_agent[:_MAX_TEXT])
    system, system_version = _system(agent)
    browser = _browser(agent)
    return Device(
        _type(agent),
        system[:_MAX_LABEL],
        system_version[:_MAX_VERSION],
        browser[:_MAX_LABEL],
        _version(browser, agent.browser.version),
    )


def _type(agent: Any) -> str:
    if re.search(_NO_TYPE, agent.ua_string):
        return "unknown"
    if agent.os.family == "Android":
        return _android_type(agent.ua_string, agent.browser.family)
    if agent.is_tablet:
        return "tablet"
    if agent.is_mobile or "Mobile" in agent.ua_string:
        return "mobile"
    return "desktop" if agent.is_pc or "X11" in agent.ua_string else "unknown"


def _android_type(text: str, family: str) -> str:
    # The parser goes by "Mobile Safari" and "Firefox Mobile" alone, which makes
    # phones with Firefox Focus or Opera Mini tablets, and tablets with Firefox
    # phones.
    is_phone = "Mobile" in text or family == "Opera Mini"
    return "mobile" if is_phone and "Tablet" not in text else "tablet"


def _system(agent: Any) -> tuple[str, str]:
    """Return the system's name and version."""
    more = re.search(_MORE_SYSTEMS, agent.ua_string)
    if more:
        is_harmony = more[1] == "OpenHarmony"
        return "HarmonyOS" if is_harmony else more[1], more[2] or ""
    name, version = agent.os.family, agent.os.version_string
    return "Linux" if name in _LINUXES else _SYSTEMS.get(name, name), version


def _browser(agent: Any) -> str:
    name = re.sub(_DECORATION, "", agent.browser.family)
    if name == "Other" and "NintendoBrowser" in agent.ua_string:
        return "Nintendo Browser"
    return _BROWSERS.get(name, name) or "Unknown"


def _version(browser: str, numbers: tuple[Any, ...]) -> str:
    shown = numbers[: 2 if browser in _WITH_MINOR else 1]
    return ".".join(str(number) for number in shown)[:_MAX_VERSION]
