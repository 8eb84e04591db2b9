"""The demo site of ``make run``: a made-up bakery whose pages carry the real tag."""

from __future__ import annotations

from flask import Blueprint, render_template

# The order page is an SPA. Each of its steps, by the last part of its path, has
# a title of its own, so that the numbers tell the steps apart.
ORDER_STEPS = {
    "": "Order",
    "bread": "Order bread",
    "cake": "Order a cake",
    "thanks": "Thank you",
}


def blueprint(
    public_key: str, api_url: str = "", script: str = "/snippet/porthole.js"
) -> Blueprint:
    """Return the demo site, tagged with ``public_key``.

    ``api_url`` is where the tag sends its beacons: "" for the server that the tag's
    script came from, else the address written into ``data-api-url``. ``script`` is
    the script's path on this server.
    """
    pages = Blueprint(
        "demo",
        __name__,
        template_folder="templates",
        static_folder="static/demo",
        static_url_path="/demo/static",
    )

    @pages.context_processor
    def tag_settings() -> dict[str, str]:
        return {"public_key": public_key, "api_url": api_url, "script": script}

    pages.add_url_rule("/", "home", _home)
    pages.add_url_rule("/menu", "menu", _menu)
    pages.add_url_rule("/visit", "visit", _visit)
    pages.add_url_rule("/order", "order", _order)
    pages.add_url_rule("/order/<path:step>", "order", _order)
    return pages


def _home() -> str:
    return render_template("demo/home.html")


def _menu() -> str:
    return render_template("demo/menu.html")


def _visit() -> str:
    return render_template("demo/visit.html")


def _order(step: str = "") -> str:
    # An unknown step is shown as the first one, as the page's script does it.
    step = step if step in ORDER_STEPS else ""
    return render_template("demo/order.html", step=step, steps=ORDER_STEPS)
