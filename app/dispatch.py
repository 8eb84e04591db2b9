"""One request: who calls, the handler, and any failure turned into a reply."""

from __future__ import annotations

import os
import time

from app import auth, clock, cors, db, failures, routes
from app.client import address
from app.client.location import Locator
from app.http import Reply, Request, ok, refusal
from app.limits import Limits
from app.log import Log
from app.pool import Pool
from app.problems import MethodNotAllowed, Problem, Unavailable
from app.projects.store import ProjectChanged
from app.summaries.due import Due

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableMapping
    from datetime import datetime
    from typing import Any, TypeVar

    from app.config import Config
    from app.spool.drain import Drained
    from app.spool.folder import Folder
    from app.summaries.chores import Done

    Result = TypeVar("Result")

MAX_PROJECT_CHANGES = 3
SLICE_SECONDS = 0.2
SUMMARY_SECONDS = 0.3
PAUSE_SECONDS = 10
"""So long nothing is done after a reply when that has failed."""

FOLLOW_UP = "porthole.follow_up"


class Dispatcher:
    """Answers API requests; holds what this process keeps between them."""

    def __init__(self, config: Config, now: Callable[[], datetime] = clock.now) -> None:
        self.config = config
        self._now = now
        self._log = Log(os.path.join(config.var, "log"))
        self._limits = Limits(os.path.join(config.var, "limits"), config.secret)
        self.guard = auth.Guard(self._limits, config.admin_key)
        self._locator = Locator(config.geoip)
        self._spool_path = os.path.join(config.var, "spool")
        self._waiting = os.path.join(self._spool_path, "waiting")
        self._due = Due(config.var)
        self._drain_after = 0.0
        self._pool = Pool(config)

    def answer(
        self, route: routes.Route, path: str, environ: MutableMapping[str, Any]
    ) -> Reply:
        """Return the reply to one request for ``route``; it never raises.

        ``environ`` gets FOLLOW_UP if ``follow_up`` should be called when it is sent.
        """
        try:
            request = self._request(path, environ)
            reply = self._answer(route, request)
            is_due = self._is_behind("") or self._due.is_now(self._now())
            if request.has_reached and is_due:
                environ[FOLLOW_UP] = True
        except Exception as error:
            reply = self._failed(route, error)
        return reply

    def serve(
        self, environ: Mapping[str, Any], page: Callable[[Request], Result]
    ) -> Result:
        """Return what ``page`` makes of the request behind an HTML page.

        :raise Problem: what cannot be shown; what went wrong is in the log by then.
        """
        try:
            request = self._request(environ.get("PATH_INFO", ""), environ)
            return self._lend(False, request, lambda: page(request))
        except Exception as error:
            raise failures.problem_of(error, self._log) from error

    def drain(self, seconds: float = SLICE_SECONDS) -> Drained | None:
        """Take beacons from the spool for about so long; return what became of them.

        It never raises. None if the database is away, or was a moment ago.
        """
        from app.spool.drain import Drain

        def work(database: db.Database) -> Drained:
            drain = Drain(self.spool(), database, self._replay, self._failure)
            return drain.run(seconds, self._now())

        done = self._afterwards(work, True)
        if done and (done.refused or done.torn or done.aside):
            self._log.write(f"the spool: {done}")
        return done

    def summarise(self, seconds: float = SUMMARY_SECONDS) -> Done | None:
        """See after closed days for about so long; return what was done.

        It never raises. None if the database is away, or was a moment ago.
        """
        from app.summaries import chores

        def explain(project_id: int) -> str:
            return failures.note(self._log, f"the closed days of project {project_id}")

        def work(database: db.Database) -> Done:
            days, now = self.config.retention_days, self._now()
            return chores.take_turn(database, days, self._due, now, seconds, explain)

        return self._afterwards(work, False)

    def follow_up(self) -> None:
        """Do some of what waits: first beacons, which may concern closed days."""
        if self._is_behind(""):
            self.drain()
        else:
            self.summarise()

    def _afterwards(
        self, work: Callable[[db.Database], Result], quick: bool
    ) -> Result | None:
        """Return what ``work`` returns; None if it failed now, or a moment ago."""
        if time.monotonic() < self._drain_after:
            return None
        database = self._pool.take(quick)
        try:
            done = work(database)
            database.rest()
        except Exception as error:
            database.close()
            self._drain_after = time.monotonic() + PAUSE_SECONDS
            if isinstance(error, db.DatabaseAway):
                self._log.write(f"the database is away: {error}")
            else:
                self._failure()
            return None
        self._pool.put_back(database, quick)
        return done

    def spool(self) -> Folder:
        """Return the folder where beacons wait for the database."""
        from app.spool.folder import Folder

        return Folder(self._spool_path, self.config.spool_max_bytes)

    def close(self) -> None:
        """Close the idle connections and the limits file."""
        self._limits.close()
        self._pool.close()

    def _request(self, path: str, environ: Mapping[str, Any]) -> Request:
        sender = address.client_address(
            environ.get("REMOTE_ADDR", ""),
            environ.get("HTTP_X_FORWARDED_FOR", ""),
            self.config.trusted_proxies,
        )
        return Request(environ, self._now(), sender, path)

    def _answer(self, route: routes.Route, request: Request) -> Reply:
        if request.method == "OPTIONS":
            return cors.preflight(request.header("Origin"))
        method = "GET" if request.method == "HEAD" else request.method
        takes_any = route.for_people and request.is_micrologs
        if method != route.method and not takes_any:
            reply = refusal(MethodNotAllowed(), as_text=route.for_people)
            reply.headers["Allow"] = f"{route.method}, OPTIONS"
            return reply
        # A page waits for a hot route, and a monitor for an open one.
        quick = route.hot or route.caller == routes.OPEN
        return self._lend(quick, request, lambda: self._try(route, request))

    def _lend(
        self, quick: bool, request: Request, work: Callable[[], Result]
    ) -> Result:
        """Return what ``work`` returns; meanwhile the request has a connection."""
        database = self._pool.take(quick)
        self._equip(request, database)
        try:
            result = work()
            database.rest()
            request.has_reached = database.is_connected
        except BaseException:
            database.close()
            raise
        self._pool.put_back(database, quick)
        return result

    def _equip(self, request: Request, database: db.Database) -> None:
        request.db = database
        request.config = self.config
        request.locator = self._locator
        request.limits = self._limits
        request.answer_part = self._answer_part
        request.log = self._log
        request.is_behind = self._is_behind

    def _answer_part(self, path: str, part: Request) -> Reply:
        """Return the reply to a part of a request; it never raises."""
        return self._try(routes.get(path), part)

    def _replay(self, request: Request) -> Reply:
        """Return the reply to a beacon from the spool, within its transaction."""
        self._equip(request, request.db)
        request.is_behind = lambda kind: False
        request.now = self._now()
        try:
            return self._handle(routes.get(request.path), request)
        except Unavailable as problem:
            return refusal(problem)

    def _try(self, route: routes.Route, request: Request) -> Reply:
        """Return the reply; what the database cannot take goes to the spool."""
        try:
            if request.is_away:
                raise Unavailable
            reply = self._handle(route, request)
        except Exception as error:
            request.db.close()
            request.is_away |= isinstance(error, db.DatabaseAway)
            reply = self._failed(route, error)
        if reply.status != 503:
            return reply
        if route.is_beacon:
            reply = self._queue(route, request, reply)
        elif route is routes.BATCH and request.is_away:
            reply = _or_refusal(lambda: route.load()(request))
        return cors.shared(route, request, reply)

    def _queue(self, route: routes.Route, request: Request, reply: Reply) -> Reply:
        """Return 202 and keep the beacon; ``reply`` if that cannot be."""
        from app.spool import beacon
        from app.spool.folder import Full

        def append() -> Reply:
            if not request.has_project:
                self.guard.admit_unread(route, request)
            content = beacon.packed(request)
            self.spool().append(beacon.kind_of(request.path), content)
            reply = ok({"queued": True})
            reply.status = 202
            return reply

        try:
            return _or_refusal(append)
        except (Full, OSError) as error:
            reason = "it is full" if isinstance(error, Full) else error.strerror
            self._log.write(f"the spool takes no beacon: {reason}")
            return reply

    def _is_behind(self, kind: str) -> bool:
        """Return whether beacons wait in the spool, of that kind if it is given."""
        try:
            names = os.listdir(self._waiting)
        except OSError:
            return False
        return any(name.startswith((kind, "again")) for name in names)

    def _handle(self, route: routes.Route, request: Request) -> Reply:
        """Return the handler's reply, or the refusal."""
        for _ in range(MAX_PROJECT_CHANGES):
            try:
                return self._call(route, request)
            except ProjectChanged:
                self.guard.projects.forget()
                request.has_project = False
        raise Unavailable("The project is being changed. Try again.")

    def _call(self, route: routes.Route, request: Request) -> Reply:
        try:
            self.guard.admit(route, request)
            if route.caller == routes.OPEN:
                request.is_admin = self.guard.is_admin(request)
            reply = route.load()(request)
        except Problem as problem:
            reply = refusal(problem, as_text=route.for_people)
        return cors.shared(route, request, reply)

    def _failed(self, route: routes.Route, error: Exception) -> Reply:
        """Return the reply to what ended with ``error``; it is logged if need be."""
        return refusal(failures.problem_of(error, self._log), as_text=route.for_people)

    def _failure(self) -> Problem:
        """Log the exception that is being handled; return what the caller is told."""
        return failures.record(self._log)


def _or_refusal(answer: Callable[[], Reply]) -> Reply:
    try:
        return answer()
    except Problem as problem:
        return refusal(problem)
