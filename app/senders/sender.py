"""Who sent a beacon, as its request says."""

from __future__ import annotations

from app import fields, ids
from app.client.url import parse_page
from app.problems import InvalidInput
from app.senders.traces import Traces, traces_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from app.client.url import Page
    from app.http import Request

MAX_USER_AGENT_BYTES = 512
MAX_URL_BYTES = 2048


class Sender:
    """Who sent a beacon; nothing of it is stored but the labels of device and place.

    ``visitor_key`` is the first-party id of a cookie, or empty. ``device_id`` and
    ``network_id`` (of the address's /24 or /48; 0 for none) are hashes.
    """

    def __init__(
        self,
        secret: bytes,
        project_id: int,
        traces: Traces,
        user_agent: str,
        visitor_key: str = "",
    ) -> None:
        self.traces = traces
        self.user_agent = user_agent
        self.visitor_key = visitor_key
        network = traces.network
        self.device_id = ids.keyed(secret, "device", project_id, user_agent)
        self.network_id = (
            ids.keyed(secret, "network", project_id, network) if network else 0
        )


def sender_of(request: Request, visitor_key: str = "") -> Sender:
    """Return who sent the request."""
    return Sender(
        request.config.secret,
        request.project.id,
        traces_of_request(request),
        _user_agent(request),
        visitor_key,
    )


def traces_of_request(request: Request) -> Traces:
    """Return what is kept of the sender's address; a beacon may bring it along."""
    if request.traces is not None:
        return request.traces
    return traces_of(request.config.secret, request.address, _user_agent(request))


def _user_agent(request: Request) -> str:
    header = {"": request.header("User-Agent")}
    return fields.text(header, "", MAX_USER_AGENT_BYTES)


def asks_not_to_be_counted(request: Request) -> bool:
    """Return whether the browser asks so, and the project lets it."""
    asks = request.header("DNT") == "1" or request.header("Sec-GPC") == "1"
    return asks and request.project.respect_dnt


def page_of(address: str) -> Page:
    """Return what a beacon's ``url`` says.

    :raise InvalidInput: it is not one of a page.
    """
    try:
        return parse_page(address)
    except ValueError as problem:
        raise InvalidInput(f"url: {problem}", field="url") from None
