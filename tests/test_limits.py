"""How often a caller may ask; on real files, and with real processes."""

from __future__ import annotations

import errno
import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app.config import ROOT
from app.limits import FILE_BYTES, SET_BYTES, Limits
from tests.conftest import NOON, SECRET
from tests.test_imports import FORBIDDEN

KEY = SECRET.encode()
CALLER = ("pageview", 7, "203.0.113.7")
OTHER = ("pageview", 7, "203.0.113.8")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "var" / "limits"


@pytest.fixture
def fallback(tmp_path: Path) -> Path:
    return tmp_path / "temporary" / "limits"


@pytest.fixture
def subject(path: Path, fallback: Path) -> Iterator[Limits]:
    made = Limits(str(path), KEY, str(fallback))
    yield made
    made.close()


@pytest.fixture
def rapid_switching() -> Iterator[None]:
    """Threads take turns every microsecond."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def later(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def offset_of(caller: tuple[str | int, ...]) -> int:
    """Return where in the file the caller's set is."""
    asked: list[int] = []
    probe = Limits("unused", KEY)
    probe._ask = lambda call: asked.append(call.offset) or 0  # type: ignore
    probe.take(caller, 1, NOON)
    return asked[0]


def neighbours(count: int) -> list[tuple[str | int, ...]]:
    """Return so many callers who share one set of slots."""
    sets: dict[int, list[tuple[str | int, ...]]] = {}
    number = 0
    while True:
        caller = ("pageview", number)
        found = sets.setdefault(offset_of(caller), [])
        found.append(caller)
        if len(found) == count:
            return found
        number += 1


def run(script: str, *arguments: object) -> str:
    """Return what a fresh process prints."""
    done = subprocess.run(
        [sys.executable, "-X", "frozen_modules=off", "-c", script]
        + [str(argument) for argument in arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_it_lets_as_many_pass_as_allowed(subject: Limits) -> None:
    assert [subject.take(CALLER, 3, NOON) for _ in range(5)] == [0, 0, 0, 60, 60]
    assert subject.take(CALLER, 3, later(59.9)) == 1
    assert subject.problem == ""
    assert subject.detail == ""


@pytest.mark.parametrize("begin", [0, 0.001, 0.5, 0.999, 17.3])
@pytest.mark.parametrize("after", [0, 0.4, 0.999, 30.7, 58.9])
def test_it_says_how_long_to_wait_and_means_it(
    subject: Limits, begin: float, after: float
) -> None:
    subject.take(CALLER, 1, later(begin))
    asked = later(begin + after)
    wait = subject.take(CALLER, 1, asked)
    assert 1 <= wait <= 60
    assert subject.take(CALLER, 1, asked + timedelta(seconds=wait - 1)) == 1
    assert subject.take(CALLER, 1, asked + timedelta(seconds=wait)) == 0


def test_it_does_not_block_beyond_the_window(subject: Limits) -> None:
    subject.take(CALLER, 1, NOON)
    for second in range(60):
        assert subject.take(CALLER, 1, later(second)) == 60 - second
    assert subject.take(CALLER, 1, later(60)) == 0


def test_it_counts_a_cost(subject: Limits) -> None:
    assert subject.take(CALLER, 10, NOON, 8) == 0
    assert subject.take(CALLER, 10, NOON, 3) == 60
    assert subject.take(CALLER, 10, NOON, 2) == 0
    assert subject.take(CALLER, 10, NOON, 0) == 0
    assert subject.take(CALLER, 10, NOON) == 60
    assert subject.take(OTHER, 10, NOON, 11) == 60
    assert subject.take(OTHER, 0, NOON) == 60


def test_it_saturates(subject: Limits) -> None:
    huge = 2**40
    for _ in range(3):
        assert subject.take(CALLER, huge, NOON, 2**39 // 2) == 0
    assert subject.take(OTHER, huge, NOON, -5) == 0
    assert subject.take(CALLER, 100, NOON) == 60


def test_it_tells_callers_apart(subject: Limits) -> None:
    callers = [CALLER, OTHER, ("a", "bc"), ("ab", "c"), ("abc",), ("\ud800",), ()]
    for caller in callers:
        assert subject.take(caller, 1, NOON) == 0
    for caller in callers:
        assert subject.take(caller, 1, NOON) == 60


def test_it_shares_what_it_counts(path: Path, subject: Limits) -> None:
    subject.take(CALLER, 1, NOON)
    again = Limits(str(path), KEY)
    assert again.take(CALLER, 1, later(1)) == 59
    again.close()
    assert subject.take(CALLER, 1, later(2)) == 58
    other_secret = Limits(str(path), b"another secret")
    assert other_secret.take(CALLER, 1, NOON) == 0
    other_secret.close()


def test_it_does_not_charge_a_caller_for_a_neighbour(subject: Limits) -> None:
    first, second = neighbours(2)
    for _ in range(3):
        assert subject.take(first, 3, NOON) == 0
    assert subject.take(first, 3, NOON) == 60
    assert subject.take(second, 1, later(1)) == 0
    assert subject.take(second, 1, later(1)) == 60
    assert subject.take(first, 3, later(1)) == 59


def test_it_drops_the_oldest_from_a_full_set(subject: Limits) -> None:
    callers = neighbours(5)
    for second, caller in enumerate(callers):
        assert subject.take(caller, 1, later(second)) == 0
    for second, caller in list(enumerate(callers))[1:]:
        assert subject.take(caller, 1, later(5)) == 55 + second
    # The one who was dropped starts afresh, at the cost of the next oldest.
    assert subject.take(callers[0], 1, later(6)) == 0
    assert subject.take(callers[2], 1, later(6)) == 56
    assert subject.take(callers[1], 1, later(6)) == 0


def test_it_prefers_a_slot_whose_window_has_ended(subject: Limits) -> None:
    callers = neighbours(5)
    for second, caller in enumerate(callers[:4]):
        subject.take(caller, 1, later(second * 10))
    assert subject.take(callers[4], 1, later(65)) == 0
    for number in (1, 2, 3):
        assert subject.take(callers[number], 1, later(65)) == number * 10 - 5


def test_it_prefers_a_slot_that_is_from_the_future(subject: Limits) -> None:
    callers = neighbours(5)
    for caller in callers[:3]:
        subject.take(caller, 1, NOON)
    subject.take(callers[3], 1, later(-3600))
    subject.take(callers[4], 1, later(-3590))
    assert subject.take(callers[3], 1, later(-3590)) == 50


def test_it_keeps_its_size(path: Path, subject: Limits) -> None:
    for number in range(100_000):
        assert subject.take(("pageview", number), 1, later(number // 5000)) == 0
    assert path.stat().st_size == FILE_BYTES == 1_048_576
    assert subject.take(CALLER, 1, later(21)) == 0
    assert subject.take(CALLER, 1, later(21)) == 60


def test_it_is_for_our_eyes_only_and_takes_no_room_at_first(
    path: Path, subject: Limits
) -> None:
    assert not path.parent.exists()
    subject.take(CALLER, 1, NOON)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert path.stat().st_blocks * 512 <= 65_536
    assert b"203.0.113.7" not in path.read_bytes()


def test_it_forgives_a_clock_that_is_set_back(subject: Limits) -> None:
    subject.take(CALLER, 1, NOON)
    # Another request of the same moment, which another process counts later.
    assert subject.take(CALLER, 1, later(-2)) == 62
    assert subject.take(CALLER, 1, later(-6)) == 0
    assert subject.take(CALLER, 1, later(-3600)) == 0
    assert subject.take(CALLER, 1, later(-3600)) == 60
    assert subject.take(CALLER, 1, NOON) == 0


@pytest.mark.parametrize("year", [1000, 1969, 2105, 2106, 9999])
def test_it_works_in_any_year(subject: Limits, year: int) -> None:
    at = datetime(year, 12, 31, 23, 59, 30)
    assert [subject.take(CALLER, 1, at) for _ in range(2)] == [0, 60]


def test_it_lives_with_garbage(path: Path, subject: Limits) -> None:
    for garbage in (random.Random(4).randbytes(FILE_BYTES), b"\xff" * FILE_BYTES):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(garbage)
        for number in range(500):
            caller = ("pageview", len(garbage), garbage[0], number)
            assert [subject.take(caller, 2, NOON) for _ in range(3)] == [0, 0, 60]
    assert subject.problem == ""


def test_it_goes_on_when_its_file_is_emptied_or_deleted(
    path: Path, subject: Limits
) -> None:
    subject.take(CALLER, 1, NOON)
    os.truncate(path, 0)
    assert [subject.take(CALLER, 1, NOON) for _ in range(2)] == [0, 60]
    assert path.stat().st_size == FILE_BYTES
    path.unlink()
    assert [subject.take(CALLER, 1, NOON) for _ in range(2)] == [0, 60]
    assert path.stat().st_size == FILE_BYTES
    assert subject.problem == ""


def test_it_leaves_a_file_that_is_not_its_own_alone(
    path: Path, subject: Limits
) -> None:
    path.parent.mkdir()
    path.write_text("the database")
    assert [subject.take(CALLER, 1, NOON) for _ in range(2)] == [0, 60]
    assert path.read_text() == "the database"
    assert "not a limits file" in subject.problem


def test_it_does_not_write_to_a_descriptor_that_changed_hands(
    tmp_path: Path, subject: Limits
) -> None:
    subject.take(CALLER, 1, NOON)
    number = subject._files[0]._descriptor
    os.close(number)
    database = tmp_path / "database"
    database.touch()
    taken = os.open(database, os.O_RDWR)
    assert taken == number
    assert subject.take(CALLER, 1, later(1)) == 59
    subject.close()
    os.close(taken)
    assert database.read_bytes() == b""


# Each makes the file at ``path`` one that cannot be used.
def _is_folder(path: Path) -> None:
    path.mkdir(parents=True)


def _is_below_a_file(path: Path) -> None:
    path.parent.write_text("")


def _is_a_device(path: Path) -> None:
    path.parent.mkdir()
    path.symlink_to("/dev/full")


def _is_a_loop(path: Path) -> None:
    path.parent.mkdir()
    path.symlink_to(path)


BROKEN = [_is_folder, _is_below_a_file, _is_a_device, _is_a_loop]


@pytest.mark.parametrize("breaks", BROKEN)
def test_it_falls_back_to_another_file(
    path: Path, fallback: Path, subject: Limits, breaks: object
) -> None:
    breaks(path)  # type: ignore[operator]
    assert [subject.take(CALLER, 2, NOON) for _ in range(3)] == [0, 0, 60]
    assert fallback.stat().st_size == FILE_BYTES
    assert subject.problem.startswith("The limits file cannot be used (")
    assert subject.problem.endswith("): a stand-in is used.")
    assert str(path.parent) not in subject.problem
    assert subject.detail.startswith(f"{path}: ")
    # Other processes share it.
    twin = Limits(str(path), KEY, str(fallback))
    assert twin.take(CALLER, 2, later(1)) == 59
    twin.close()


@pytest.mark.parametrize("breaks", BROKEN)
def test_it_falls_back_to_memory(
    path: Path, fallback: Path, subject: Limits, breaks: object
) -> None:
    breaks(path)  # type: ignore[operator]
    breaks(fallback)  # type: ignore[operator]
    assert [subject.take(CALLER, 2, NOON) for _ in range(3)] == [0, 0, 60]
    assert subject.take(CALLER, 2, later(30)) == 30
    for number in range(10_000):
        assert subject.take(("pageview", number), 1, later(20)) == 0
    assert subject.take(("pageview", number), 1, later(20)) == 60
    assert subject.problem.endswith("): each process counts for itself.")
    assert str(path.parent.parent) not in subject.problem
    assert str(path) in subject.detail
    assert str(fallback) in subject.detail


def test_it_never_raises_for_a_path_that_cannot_be(tmp_path: Path) -> None:
    for name in ("a\0b", "x" * 300):
        subject = Limits(str(tmp_path / name), KEY, str(tmp_path / name))
        assert [subject.take(CALLER, 1, NOON) for _ in range(2)] == [0, 60]
        assert "each process counts for itself" in subject.problem
        assert name not in subject.problem
        subject.close()


def test_it_tries_a_file_again_after_a_minute(
    path: Path, fallback: Path, subject: Limits
) -> None:
    path.mkdir(parents=True)
    subject.take(CALLER, 1, NOON)
    path.rmdir()
    subject.take(CALLER, 1, later(30))
    assert not path.exists()
    assert subject.take(CALLER, 1, later(61)) == 0
    assert path.exists()


def test_it_uses_a_file_again_once_the_health_check_saw_it_work(
    path: Path, subject: Limits
) -> None:
    path.mkdir(parents=True)
    subject.take(CALLER, 1, NOON)
    assert subject.problem
    path.rmdir()
    assert subject.problem == ""
    assert subject.take(CALLER, 1, later(1)) == 0
    assert subject.take(CALLER, 1, later(2)) == 59


def test_it_falls_back_where_files_have_no_locks(
    subject: Limits, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.lockf", refuse)
    assert [subject.take(CALLER, 1, NOON) for _ in range(2)] == [0, 60]
    assert "No locks available" in subject.problem


def test_it_works_on_a_system_without_file_locks(path: Path) -> None:
    printed = run(
        "import sys; sys.modules['fcntl'] = None\n"
        "from datetime import datetime\n"
        "from app.limits import Limits\n"
        "subject = Limits(sys.argv[1], b'secret')\n"
        "print([subject.take(('a',), 1, datetime(2026, 3, 4)) for _ in range(2)])\n"
        "print(subject.problem)\n",
        path,
    )
    assert printed.splitlines()[0] == "[0, 60]"
    assert "this system has no file locks" in printed
    assert not path.exists()


def test_it_falls_back_from_a_folder_that_is_read_only(tmp_path: Path) -> None:
    # Root may write everywhere, so as root the process becomes nobody.
    printed = run(
        "import os, sys, tempfile\n"
        "from datetime import datetime\n"
        "from app.limits import Limits\n"
        "with tempfile.TemporaryDirectory(dir='/tmp') as folder:\n"
        "    os.chmod(folder, 0o555)\n"
        "    user = os.geteuid()\n"
        "    if not user: os.seteuid(65534)\n"
        "    subject = Limits(folder + '/limits', b'secret', folder + '/fallback')\n"
        "    print([subject.take(('a',), 1, datetime(2026, 3, 4)) for _ in 'ab'])\n"
        "    print(subject.problem)\n"
        "    if not user: os.seteuid(0)\n",
    )
    assert printed.splitlines() == [
        "[0, 60]",
        "The limits file cannot be used (Permission denied):"
        " each process counts for itself.",
    ]


FULL_DISK = """
import os, resource, sys
from datetime import datetime
from app.limits import Limits
NOON = datetime(2026, 3, 4, 12)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
subject = Limits(sys.argv[1], sys.argv[3].encode(), sys.argv[2])
waits = {tuple(subject.take(("pageview", n), 2, NOON) for _ in range(3))
         for n in range(200)}
print(waits, subject.problem)
"""


@pytest.mark.parametrize("is_there", [False, True])
def test_it_falls_back_on_a_full_disk(
    path: Path, fallback: Path, subject: Limits, is_there: bool
) -> None:
    if is_there:
        # Then the file can be opened, and only most of its slots cannot be written.
        subject.take(CALLER, 1, NOON)
    printed = run(FULL_DISK, path, fallback, SECRET)
    assert printed == (
        "{(0, 0, 60)} The limits file cannot be used (File too large):"
        " each process counts for itself."
    )
    # What the full disk left behind is of use when there is room again.
    assert [subject.take(OTHER, 1, NOON) for _ in range(2)] == [0, 60]
    assert subject.problem == ""


def test_it_has_a_fallback_of_its_own_for_each_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        subject = Limits(str(tmp_path / name), KEY)
        assert subject.take(CALLER, 1, NOON) == 0
        subject.close()
    made = list(tmp_path.glob(f"porthole-limits-{os.geteuid()}-*"))
    assert [file.stat().st_mode & 0o777 for file in made] == [0o600, 0o600]


def test_it_steps_into_no_trap_in_the_temporary_folder(
    path: Path, fallback: Path, tmp_path: Path
) -> None:
    path.mkdir(parents=True)
    fallback.parent.mkdir()
    ours = tmp_path / "ours"
    for content in (b"", bytes(FILE_BYTES)):
        ours.write_bytes(content)
        for trap in (os.symlink, os.link):
            trap(ours, fallback)
            subject = Limits(str(path), KEY, str(fallback))
            assert subject.take(CALLER, 1, NOON) == 0
            assert "each process counts for itself" in subject.problem
            subject.close()
            assert ours.read_bytes() == content
            fallback.unlink()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_it_does_not_trust_a_stranger_s_file(path: Path, fallback: Path) -> None:
    path.mkdir(parents=True)
    fallback.parent.mkdir()
    fallback.write_bytes(bytes(FILE_BYTES))
    os.chown(fallback, 65534, 65534)
    subject = Limits(str(path), KEY, str(fallback))
    assert subject.take(CALLER, 1, NOON) == 0
    assert fallback.read_bytes() == bytes(FILE_BYTES)
    subject.close()


WORKER = """
import sys
from datetime import datetime
from app import limits

lock_set, busy = limits._lock_set, 0

def count_busy(descriptor, offset):
    global busy
    is_locked = lock_set(descriptor, offset)
    busy += not is_locked
    return is_locked

limits._lock_set = count_busy
subject = limits.Limits(sys.argv[1], b"secret")
print(flush=True)
sys.stdin.readline()
passed = sum(not subject.take(("a",), int(sys.argv[2]), datetime(2026, 3, 4))
             for _ in range(200))
print(passed, busy)
"""


@pytest.mark.parametrize("allowed", [60, 500])
def test_it_counts_for_eight_processes_at_once(path: Path, allowed: int) -> None:
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, str(path), str(allowed)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(8)
    ]
    for worker in workers:
        assert worker.stdout
        worker.stdout.readline()
    for worker in workers:
        assert worker.stdin
        worker.stdin.write("\n")
        worker.stdin.flush()
    counts = [worker.communicate(timeout=60)[0].split() for worker in workers]
    passed = sum(int(count[0]) for count in counts)
    busy = sum(int(count[1]) for count in counts)
    # A busy set lets pass without counting, refused or not. Nothing else does.
    assert allowed <= passed <= allowed + busy
    assert busy <= 0.02 * 8 * 200


def test_it_lets_pass_while_another_process_holds_the_set(
    path: Path, subject: Limits
) -> None:
    subject.take(CALLER, 1, NOON)
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import fcntl, sys; file = open(sys.argv[1], 'r+b')\n"
            "fcntl.lockf(file, fcntl.LOCK_EX, int(sys.argv[3]), int(sys.argv[2]))\n"
            "print(flush=True); sys.stdin.readline()",
            str(path),
            str(offset_of(CALLER)),
            str(SET_BYTES),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout
    holder.stdout.readline()
    assert subject.take(CALLER, 1, NOON) == 0
    # It holds that set only.
    elsewhere = next(
        ("b", n) for n in range(9) if offset_of(("b", n)) != offset_of(CALLER)
    )
    assert [subject.take(elsewhere, 1, NOON) for _ in range(2)] == [0, 60]
    assert subject.problem == ""
    holder.communicate(b"\n")
    assert subject.take(CALLER, 1, NOON) == 60


def test_it_counts_for_threads(path: Path, rapid_switching: None) -> None:
    # Half of the threads have a Limits of their own, which they keep closing.
    shared = Limits(str(path), KEY)
    passed = []

    def ask(own: bool) -> None:
        subject = Limits(str(path), KEY) if own else shared
        for _ in range(200):
            passed.append(subject.take(CALLER, 500, NOON) == 0)
            if own:
                subject.close()

    threads = [threading.Thread(target=ask, args=(n % 2,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    shared.close()
    assert (len(passed), sum(passed)) == (1600, 500)


FORK = """
import os, sys, threading, warnings
from datetime import datetime
from app.limits import Limits
warnings.simplefilter("ignore")
NOON = datetime(2026, 3, 4, 12)
subject = Limits(sys.argv[1], b"secret")
stop = []

def ask():
    while not stop:
        subject.take(("thread",), 10, NOON)

thread = threading.Thread(target=ask)
thread.start()
codes = []
for number in range(100):
    child = os.fork()
    if not child:
        # Without a new lock in the child this may wait for ever.
        os._exit(subject.take(("child",), 40, NOON))
    codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
stop.append(True)
thread.join()
print(codes.count(0), codes.count(60), subject.take(("child",), 40, NOON))
"""


def test_it_survives_a_fork(path: Path) -> None:
    assert run(FORK, path) == "40 60 60"


def test_it_loads_nothing_heavy() -> None:
    by_itself = set(run("import sys\nprint(*sys.modules)").split())
    loaded = set(run("import sys, app.limits\nprint(*sys.modules)").split())
    assert {name.split(".")[0] for name in loaded - by_itself} & FORBIDDEN == set()
