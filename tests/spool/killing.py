"""Runs something again and again, killed with -9 at its first step, its second, ...

Run as a program of its own, which has no connection that a child could inherit. A
step is a command to the database, or what changes a file. The order comes on stdin as
JSON; each trial has the path, headers and body of a request, in which "%" stands for
the trial's number. With ``drain`` the request is queued first, and the drain is killed.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

from app import config, front
from app.config import ROOT
from app.db import mysql, pymysql_lean, sqlite
from app.dispatch import Dispatcher
from app.routes import ROUTES
from tests.spool.outage import AWAY
from tests.wsgi import call

FILES = ("write", "fsync", "rename", "unlink")
DRIVER = ("execute", "execute_many", "begin", "commit", "rollback")


def run(order: dict[str, Any]) -> dict[str, Any]:
    """Return the number of ``trials``, and the ``statuses`` of those that were not
    killed before their answer."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.spool.killing"],
        input=json.dumps(order),
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _kill_at(number: int) -> None:
    """Have this process killed before its step of that number."""
    left = [number]

    def counting(step: Any) -> Any:
        def wrapped(*arguments: Any) -> Any:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return step(*arguments)

        return wrapped

    for driver in (mysql.MysqlDriver, sqlite.SqliteDriver):
        for name in DRIVER:
            setattr(driver, name, counting(getattr(driver, name)))
    for name in FILES:
        setattr(os, name, counting(getattr(os, name)))


def _in_a_child(settings: config.Config, at: datetime, step: int, work: Any) -> int:
    """Return the answer's status, 0 if the child was killed first."""
    out, into = os.pipe()
    child = os.fork()
    if not child:
        sys.stderr = open(os.devnull, "w")
        report = os.write
        _kill_at(step)
        report(into, b"%d" % work(settings, lambda: at))
        os._exit(0)
    os.close(into)
    told = os.read(out, 10)
    os.close(out)
    _, ended = os.waitpid(child, 0)
    assert os.WIFEXITED(ended) or os.WTERMSIG(ended) == signal.SIGKILL
    return int(told or 0)


def _import_all() -> None:
    """Import what each child would have to."""
    import crawleruseragents
    import user_agents

    crawleruseragents.is_crawler("x")
    user_agents.parse("x")
    for route in ROUTES:
        route.load()
    pymysql_lean.load()


def main() -> None:
    order = json.load(sys.stdin)
    _import_all()
    settings = config.load(order["config"], {})
    away = config.Config(**{**settings.__dict__, "database_url": AWAY})
    at = datetime.fromisoformat(order["at"])
    statuses = []

    def send(there: config.Config, now: Any) -> int:
        application = front.Application(there, now)
        for path, body in order["requests"]:
            text = json.dumps(body).replace("%", str(trial))
            answer = call(application, "POST", path, text.encode(), order["headers"])
        application.close()
        return answer.status

    def drain(there: config.Config, now: Any) -> int:
        dispatcher = Dispatcher(there, now)
        done = dispatcher.drain(60)
        dispatcher.close()
        return 200 if done and done.is_complete else 500

    for trial in count(1):
        at += timedelta(minutes=1)
        if order["what"] == "drain":
            assert send(away, partial(datetime.fromisoformat, str(at))) == 202
            status = _in_a_child(settings, at, trial, drain)
            # Who was killed keeps others from it for half a minute.
            after = at + timedelta(seconds=31)
            assert _in_a_child(settings, after, 0, drain) == 200
        else:
            there = away if order["what"] == "queue" else settings
            status = _in_a_child(there, at, trial, send)
        statuses.append(status)
        if status:
            break
    print(json.dumps({"trials": trial, "statuses": statuses}))


if __name__ == "__main__":
    main()
