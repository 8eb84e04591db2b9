"""What a file is called whatever the deploy, the host and the folder it lies in."""

from __future__ import annotations

from app.errors.patterns import Lazy

MAX_FILE = 400

# Compared as parts of a path with / on both ends, in lower case.
_LIBRARY_FOLDERS = tuple(
    """
    /node_modules/ /bower_components/ /site-packages/ /dist-packages/ /vendor/ /gems/
    /lib/python /lib/ruby/ /pkg/mod/ /go/src/ /lib/go- /local/go/ /usr/lib/ /rustc/
    /.cargo/ /wp-includes/ /wp-admin/ /webpack/bootstrap /webpack/runtime
    /webpack/universalmoduledefinition /(webpack)/ /.pnpm/ /.yarn/ /zend/ /pear/
    /python.framework/ /.vite/deps/ /@vite/ /@id/ /next/dist/ /deps/ /perl5/ /otp/
    """.split()
)
_LIBRARY_STARTS = (
    *("node:", "internal/", "bun:", "deno:", "ext:", "dart:", "package:flutter/"),
    *("native:", "native ", "(native)", "_native", "asio", "evalmachine."),
    *("<frozen ", "<internal:", "[internal function]"),
)
_LIBRARY_HOSTS = tuple(
    """
    cdn.jsdelivr.net unpkg.com cdnjs.cloudflare.com ajax.googleapis.com code.jquery.com
    ajax.aspnetcdn.com esm.sh cdn.skypack.dev ga.jspm.io googletagmanager.com
    google-analytics.com connect.facebook.net js.stripe.com
    static.cloudflareinsights.com polyfill.io bootstrapcdn.com maps.googleapis.com
    googlesyndication.com gstatic.com hotjar.com clarity.ms
    """.split()
)
_LIBRARY_STEMS = frozenset(
    """
    jquery bootstrap lodash underscore angular react react-dom vue vue-router vuex pinia
    preact ember backbone moment d3 require modernizr popper axios polyfill polyfills
    core-js zone zone-evergreen rxjs three swiper slick select2 gsap htmx alpine
    alpinejs knockout mootools prototype dojo socket.io leaflet chart gtm gtag analytics
    fbevents sentry raven tinymce ckeditor datatables fullcalendar hls video vendor
    vendors framework webpack webpack-runtime runtime svelte solid stimulus turbo
    livewire handlebars mustache ramda immutable redux mobx ext-all sizzle jquery-ui
    jquery-migrate jquery.ui regenerator-runtime tslib scheduler bluebird q es6-promise
    """.split()
)
_EXTENSIONS = ("extension://", "webkit-masked-url:", "user-script:", "userscript")
_WEB = frozenset("js mjs cjs jsx ts tsx mts css html htm wasm bundle jsbundle".split())
_PAGES = frozenset(["html", "htm", "php", "asp", "aspx", "jsp", "xhtml", "cfm", "do"])
# Names that say nothing without the folder they are in.
_COMMON = frozenset(
    """
    index main app page layout route loading error template __init__ __main__ views
    models forms admin tasks urls serializers signals utils helpers handlers handler api
    mod lib service services controller routes router store actions reducer reducers
    types base common config client server component +page +layout +server util
    """.split()
)
_CONTAINERS = frozenset(
    """
    src dist build assets asset static js javascript javascripts scripts script public
    lib www html htdocs httpdocs public_html app apps out bundles bundle chunks chunk
    pages web webroot content files resources code server client current release
    releases packages package _next _nuxt _app immutable nodes entry wwwroot site sites
    home srv opt var usr root tmp data mnt workspace project projects main master stable
    latest containers application contents prod
    """.split()
)
_DROPPED = frozenset(
    """
    min chunk bundle bundled prod production development dev esm umd cjs es5 es6 slim
    global legacy modern module nomodule async lazy packed iife debug
    """.split()
)
# Where programs lie, without the folder of the program itself.
_ROOT = Lazy(
    r"(?i).*\.asar/|/?(?:[a-z]:)?/(?:home/[^/]+|users/[^/]+|(?:private/)?var/www|usr/src"
    r"|inetpub|app|builds|code|data|mnt|opt|root|srv|tmp|workspace)/"
)
_SPLIT = Lazy(r"[._~-]+")
_LOCALE = Lazy(r"[a-z]{2}(?:[-_][A-Za-z]{2,4})?$")
_DIGITS = Lazy(r"\d+")
_CAMEL = Lazy(r"(?:[A-Z]?[a-z]{2,})(?:[A-Z][a-z]+)*\d{0,2}$")
_VERSION = Lazy(r"(?:v|rev|build|es)?\d+$")


def short_name(file: str) -> str:
    """Return the name of a file that stays over deploys, hosts and folders.

    Shape: ``main.js``; ``cart/index.js`` where the name alone says nothing;
    ``/orders/#`` for a page; ``extension:content.js`` for an extension's own script.
    """
    path, scheme, _ = _parts(file)
    if scheme in ("blob", "data", "about", "javascript", "wasm"):
        return f"{scheme}:"
    folder, _, base = path.rpartition("/")
    stem, dot, ending = base.rpartition(".")
    if _is_extension(file):
        return f"extension:{_stable(stem or base)}"
    is_web_page = scheme.startswith("http") or (path[:1] == "/" and not dot)
    if is_web_page and (not dot or ending.lower() in _PAGES):
        return page_path(path)
    if not dot:
        return _DIGITS.sub("#", base.partition("-")[0] if base[:1] == "<" else base)
    name = _stable(stem) if ending.lower() in _WEB else _masked(stem)
    parent = _parent(folder) if name in _COMMON else ""
    return f"{parent}{name}.{ending}"


def page_path(path: str) -> str:
    """Return the path of a page with ids, digits and the language masked."""
    segments = [segment for segment in path.split("/") if segment]
    if segments and _LOCALE.match(segments[0]) and len(segments[0]) in (2, 5):
        segments = segments[1:]
    return "/" + "/".join(_page_segment(segment) for segment in segments[:8])


def is_library(file: str) -> bool:
    """Tell whether a file belongs to a library, a runtime or a CDN's copy of one."""
    lowered = file[:MAX_FILE].replace("\\", "/").lower()
    if lowered.startswith(_LIBRARY_STARTS) or "node_modules" in lowered:
        return True
    path, _, host = _parts(lowered)
    if any(host == ours or host.endswith(f".{ours}") for ours in _LIBRARY_HOSTS):
        return True
    around = f"/{path}/"
    if any(folder in around for folder in _LIBRARY_FOLDERS) or _is_windows_lib(around):
        return True
    stem, dot, ending = path.rpartition("/")[2].rpartition(".")
    return bool(dot) and ending in _WEB and _stable(stem) in _LIBRARY_STEMS


def _parts(file: str) -> tuple[str, str, str]:
    """Return path, scheme and host of a file or URL."""
    text = file[:MAX_FILE].replace("\\", "/").strip()
    # Firefox: "app.js line 12 > eval".
    text = text.partition(" line ")[0]
    if text.startswith("wasm:") or ".wasm:wasm-function[" in text:
        return "", "wasm", ""
    scheme, mark, rest = text.partition("://")
    if not mark:
        short, colon, rest = text.partition(":")
        is_drive = len(short) < 2
        if not colon or is_drive or "/" in short:
            return _without_query(text), "", ""
        return _without_query(rest), short.lower(), ""
    scheme = scheme.lower()
    if scheme.startswith(("blob:", "blob")):
        return "", "blob", ""
    host, _, path = rest.partition("/")
    return (
        "/" + _without_query(path).lstrip("/"),
        scheme,
        host.partition(":")[0].lower(),
    )


def _without_query(path: str) -> str:
    return path.partition("?")[0].partition("#")[0]


def _is_extension(file: str) -> bool:
    return any(mark in file[:40] for mark in _EXTENSIONS)


def _is_windows_lib(around: str) -> bool:
    before, found, _ = around.partition("/lib/")
    folder = before.rpartition("/")[2]
    return bool(found) and folder.rstrip("0123456789-.") in ("python", "ruby", "perl")


def _stable(stem: str) -> str:
    """Return the name of a built file without hash, version and the builder's words."""
    tail = stem[-8:]
    if len(stem) > 8 and stem[-9] in "._~-" and _is_base64(tail):
        stem = stem[:-9]
    parts = [part for part in _SPLIT.split(stem) if part and not _is_volatile(part)]
    while len(parts) > 1 and _LOCALE.match(parts[-1]) and "_" in parts[-1]:
        parts.pop()
    if parts:
        return ".".join(parts)
    words = [part for part in _SPLIT.split(stem) if part.lower() in _DROPPED]
    return words[0] if words else "chunk"


def _is_volatile(part: str) -> bool:
    lowered = part.lower()
    is_uuid = len(part) == 36 and is_hash(part.replace("-", ""))
    is_word = lowered in _DROPPED or bool(_VERSION.match(lowered))
    return is_word or is_uuid or is_hash(part)


def is_hash(part: str) -> bool:
    """Tell whether a word is a content hash: hex, or base64 and the like."""
    size = len(part)
    if size < 6 or not part.isalnum() or not part.isascii():
        return False
    digits = sum(character.isdigit() for character in part)
    lowered = part.lower()
    if not lowered.strip("0123456789abcdef"):
        return bool(digits) or size >= 12
    if _CAMEL.match(part):
        return False
    is_mixed = part not in (lowered, part.upper())
    # Rollup, Vite and esbuild: eight characters, with or without a digit.
    if size == 8 and part != lowered:
        return True
    if is_mixed or part == part.upper():
        return digits > 1 and size >= 8
    return len(_DIGITS.findall(part)) > 1 and size >= 8


def _is_base64(tail: str) -> bool:
    """Tell whether 8 characters are a hash with - or _ in it, as Rollup makes them."""
    bare = tail.replace("-", "").replace("_", "")
    is_mixed = bare not in (bare.lower(), bare.upper())
    has_digit = any(character.isdigit() for character in bare)
    return bare.isalnum() and is_mixed and len(bare) < 8 and has_digit


def _masked(stem: str) -> str:
    """Return the name of a source file, without the number of a temporary one."""
    if stem.isdigit() or (len(stem) > 31 and is_hash(stem)):
        return "#"
    long = [digits for digits in _DIGITS.findall(stem) if len(digits) > 3]
    return _DIGITS.sub("#", stem) if long else stem


def _parent(folder: str) -> str:
    """Return the nearest folder with a name of its own and a slash, or nothing."""
    root = _ROOT.match(folder + "/")
    inner = folder[root.end() :] if root else folder
    for segment in reversed(inner.split("/")[-4:]):
        lowered = segment.lower()
        is_plain = segment and not _is_volatile(segment) and "." not in segment
        if is_plain and lowered not in _CONTAINERS and not _LOCALE.match(segment):
            return f"{_DIGITS.sub('#', segment)}/"
    return ""


def _page_segment(segment: str) -> str:
    is_slug = segment.count("-") > 2
    if is_slug or "%" in segment or "@" in segment or len(segment) > 40:
        return "#"
    if is_hash(segment) and any(character.isdigit() for character in segment):
        return "#"
    return _DIGITS.sub("#", segment)
