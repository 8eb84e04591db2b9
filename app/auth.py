"""Who is calling, whether from a domain of its own, and whether too often."""

from __future__ import annotations

from app.client import domains
from app.client.address import subnet_of
from app.clock import local_day
from app.db import migrate
from app.problems import Forbidden, TooMany, Unauthorized
from app.projects import keys, store
from app.routes import ADMIN, EITHER, PUBLIC, SECRET

TYPE_CHECKING = False
if TYPE_CHECKING:
    from app.db import Database
    from app.http import Request
    from app.limits import Limits
    from app.projects.store import Project
    from app.routes import Route

MAX_CACHED_PROJECTS = 256
BACKEND_CALLS_A_MINUTE = 60_000
"""Of what a tag may send too: a net under a loop gone wild, not a quota."""
WRONG_KEYS_A_MINUTE = 20
"""So many wrong secret or admin keys an address may send before it has to wait."""


class Projects:
    """The projects this process has seen, by public key.

    It saves a beacon one round trip. That a cached project is still true is checked
    (``cache_version``) by the statement that reads the visitor, and by the one that
    counts a beacon which is refused.
    """

    def __init__(self) -> None:
        self._by_public_key: dict[str, Project] = {}

    def find(self, db: Database, public_key: str) -> Project | None:
        """Return the project with this public key, or None."""
        project = self._by_public_key.get(public_key)
        if project is None:
            project = store.find_by_public_key(db, public_key)
            has_room = len(self._by_public_key) < MAX_CACHED_PROJECTS
            # One that is turned off counts nothing, so nothing would tell that it is
            # on again.
            if project is not None and project.is_active and has_room:
                self._by_public_key[public_key] = project
        return project

    def forget(self) -> None:
        """Drop what is cached: something has changed in the table."""
        self._by_public_key.clear()


class Guard:
    """Lets a request in or refuses it; one for each process."""

    def __init__(self, limits: Limits, admin_key: str) -> None:
        self.limits = limits
        self.projects = Projects()
        self._admin_key = admin_key.encode()

    def admit(self, route: Route, request: Request) -> None:
        """Set the request's project, if the route's key belongs to one.

        :raise Unauthorized: no key, an unknown one, the wrong kind, a project turned
            off.
        :raise Forbidden: a public key used on a page of a foreign domain.
        :raise TooMany: the caller has used up its calls of this minute.
        :raise WrongSchema: the database is not one for this Porthole.
        """
        project = None
        known = request.project if request.has_project else None
        request.is_public = route.caller == PUBLIC or (
            route.caller == EITHER and not _has_secret_key(request)
        )
        limit = route.limit
        if request.is_public:
            project = self._project_of_public_key(route, request)
            caller: tuple[str | int, ...] = (project.id, _caller(request))
        elif route.caller in (SECRET, EITHER):
            # A backend may call from many addresses, and often: its key counts.
            # What is part of a request has its project from there.
            project = known or self._project_of_secret_key(request)
            _forget_old_salts(request, project)
            caller = (project.id,)
            if route.caller == EITHER:
                limit = BACKEND_CALLS_A_MINUTE
        else:
            if route.caller == ADMIN:
                self.check_admin_key(request, request.header("X-Admin-Key"))
                migrate.check_database(request.db)
            caller = (_caller(request),)
        if project is not None:
            request.of_project(project)
        self._count(request, (route.path, *caller), limit)
        if project is not None and request.is_public:
            _check_domain(request, project)

    def admit_unread(self, route: Route, request: Request) -> None:
        """Let in a beacon whose project cannot be read; that is done later.

        :raise Unauthorized: its key cannot be one.
        :raise TooMany: so many came from there in this minute.
        """
        if route.caller == PUBLIC or not _has_secret_key(request):
            length, limit = keys.PUBLIC_KEY_LENGTH, route.limit
        else:
            length, limit = keys.SECRET_KEY_LENGTH, BACKEND_CALLS_A_MINUTE
        if not keys.is_key(_key(request), length):
            raise Unauthorized()
        self._count(request, (route.path, "unread", _caller(request)), limit)

    def is_admin(self, request: Request) -> bool:
        """Return whether the request carries the admin key.

        :raise TooMany: it is wrong, as others from its address before.
        """
        key = request.header("X-Admin-Key")
        if not key:
            return False
        try:
            self.check_admin_key(request, key)
        except Unauthorized:
            return False
        return True

    def _project_of_public_key(self, route: Route, request: Request) -> Project:
        key = _key(request)
        if not key:
            raise Unauthorized("API key is required")
        project = None
        if keys.is_key(key, keys.PUBLIC_KEY_LENGTH):
            if request.is_replay:
                # What is read within a transaction may be taken back.
                project = store.find_by_public_key(request.db, key)
            else:
                project = self.projects.find(request.db, key)
        if project is None or not project.is_active:
            # An old tag in a cached page is no guess; but each look-up costs.
            caller = (route.path, "unknown", _caller(request))
            self._count(request, caller, route.limit)
            raise Unauthorized()
        return project

    def _project_of_secret_key(self, request: Request) -> Project:
        key = header_key(request)
        if not key:
            raise Unauthorized("API key is required")
        project = None
        if keys.is_key(key, keys.SECRET_KEY_LENGTH):
            # The spool keeps only the hash, which has as many digits.
            key_hash = key if request.is_replay else keys.hash_secret_key(key)
            project = store.find_by_secret_key(request.db, key_hash)
        if project is None or not project.is_active:
            self._count_wrong_key(request)
            raise Unauthorized()
        return project

    def check_admin_key(self, request: Request, key: str) -> None:
        """Let in whoever knows the admin key.

        :raise Unauthorized: it is another one, or none.
        :raise TooMany: it is wrong, as others from its address before.
        """
        # Not hot: hmac would be one more import for a beacon.
        from hmac import compare_digest

        if not compare_digest(key.encode("utf-8", "surrogateescape"), self._admin_key):
            if key:
                self._count_wrong_key(request)
            raise Unauthorized("Unauthorized")

    def _count_wrong_key(self, request: Request) -> None:
        """Make who guesses wait. A right key is let in all the same: behind a proxy
        many have one address, and nobody may lock the owner out.
        """
        self._count(request, ("wrong keys", _caller(request)), WRONG_KEYS_A_MINUTE)

    def _count(
        self, request: Request, caller: tuple[str | int, ...], limit: int
    ) -> None:
        if request.is_replay:
            return  # it was counted when it came
        wait = self.limits.take(caller, limit, request.at)
        if wait:
            raise TooMany(wait)


def header_key(request: Request) -> str:
    """Return the key in X-API-Key, or else the one that Authorization bears, or ''.

    What bears no key of ours, such as a proxy's token, is left alone.
    """
    scheme, _, token = request.header("Authorization").partition(" ")
    lengths = (keys.PUBLIC_KEY_LENGTH, keys.SECRET_KEY_LENGTH)
    is_ours = any(keys.is_key(token, length) for length in lengths)
    borne = token if is_ours and scheme.lower() == "bearer" else ""
    return request.header("X-API-Key") or borne


def _key(request: Request) -> str:
    key = header_key(request)
    if not key:
        # A beacon without a header of its own needs no CORS preflight.
        found = request.fields().get("public_key")
        key = found if isinstance(found, str) else ""
    return key


def _has_secret_key(request: Request) -> bool:
    return len(header_key(request)) == keys.SECRET_KEY_LENGTH


def _caller(request: Request) -> str:
    """Return the address, or of IPv6 the /64, of which one connection has all."""
    return subnet_of(request.address)


def _forget_old_salts(request: Request, project: Project) -> None:
    """Keep the promise about salts where no beacon comes any more to keep it."""
    today = local_day(request.at, project.timezone)
    oldest = min(project.salts, default=today)
    if (today - oldest).days > store.SALT_DAYS:
        store.delete_old_salts(request.db, project, today)


def page_of(request: Request) -> str:
    """Return the page that sent the request, as its browser tells, or ''.

    ``Origin: null`` is what privacy settings and sandboxes send: the Referer then
    decides.
    """
    origin = request.header("Origin")
    return origin if origin and origin != "null" else request.header("Referer")


def is_own_page(request: Request) -> bool:
    """Return whether the request's project is known and its page on a domain of it.

    Only a browser says which page that is, so this keeps other sites' tags from
    counting here; it is no protection against forged requests.
    """
    if not request.has_project:
        return False
    page = page_of(request)
    allowed = request.project.allowed_domains
    return not page or domains.is_own(domains.host_of(page), allowed)


def _check_domain(request: Request, project: Project) -> None:
    if not is_own_page(request):
        day = local_day(request.at, project.timezone)
        store.record_drop(request.db, project, day, "domain")
        raise Forbidden()
