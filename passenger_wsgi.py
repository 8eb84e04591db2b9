"""Where the web server comes in: Passenger imports `application`, CGI `run_as_cgi`.

It must parse on old Pythons too, so that they can say what is wrong.
"""
# Newer ways to write this are what an old Python does not know.
# ruff: noqa: UP031, UP036

import gc
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
if HERE not in sys.path:
    sys.path[:0] = [HERE]

# Passenger before 6.0.19 cannot run 3.12, so that one comes after the older ones.
VERSIONS = ["3.11", "3.10", "3.9", "3.12", "3.13", "3.14"]
PLACES = ["/opt/alt/python{0}/bin/python{1}", "/usr/bin/python{1}"]
PLACES += ["/usr/local/bin/python{1}"]

OBJECTS_OF_A_REQUEST = 100000
"""More than a beacon makes, imports included."""


class Excuse:
    """A WSGI application that answers 500 with one sentence, whatever is asked."""

    def __init__(self, sentence, for_the_log):
        # Paths are for the owner, who reads the log, not for strangers.
        line = "porthole: %s\n" % for_the_log
        sys.stderr.write(line)
        keep(line)
        text = "Porthole cannot start. %s\n" % sentence
        self.body = text.encode("utf-8")

    def __call__(self, environ, start_response):
        headers = [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Length", str(len(self.body))),
            ("X-Content-Type-Options", "nosniff"),
            ("Cache-Control", "no-store"),
            ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
            ("Referrer-Policy", "no-referrer"),
        ]
        start_response("500 Internal Server Error", headers)
        return [self.body]


def keep(line):
    """Write why it did not start where FTP reaches it; server logs are often closed."""
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        log = os.open(os.path.join(HERE, "var", "boot.log"), flags, 0o600)
    except OSError:
        return  # there is no var, or it cannot be written
    os.write(log, line.encode("utf-8"))
    os.close(log)


class Guard:
    """Porthole itself; says so if a package turns out to be missing.

    Most are imported when they are needed first.
    """

    def __init__(self, porthole):
        self.porthole = porthole
        self.close = porthole.close

    def __call__(self, environ, start_response):
        try:
            return self.porthole(environ, start_response)
        except ImportError as error:
            return missing(error)(environ, start_response)


def missing(error):
    cure = "Run: %s -m pip install -r %s/requirements.txt" % (sys.executable, HERE)
    if os.path.isdir(os.path.join(HERE, "vendor")):
        cure = "Upload the folder %s again, with all that is in it." % HERE
    return Excuse(
        "A package is missing; boot.log in its folder var says which.",
        "a package is missing (%s). %s" % (error, cure),
    )


def better_pythons():
    """Return where a Python that is new enough may be."""
    if os.environ.get("PORTHOLE_PYTHON"):
        return [os.environ["PORTHOLE_PYTHON"]]
    return [
        place.format(version.replace(".", ""), version)
        for place in PLACES
        for version in VERSIONS
    ]


def change_python():
    """Start again with a better Python; return only if there is none."""
    if os.environ.get("PORTHOLE_CHANGED_PYTHON"):
        return
    os.environ["PORTHOLE_CHANGED_PYTHON"] = "yes"
    options = ["-ISXcrlf"] if os.environ.get("GATEWAY_INTERFACE") else []
    for python in better_pythons():
        if os.access(python, os.X_OK):
            try:
                os.execv(python, [python] + options + sys.argv)
            except OSError as error:
                sys.stderr.write("porthole: %s cannot be run: %s\n" % (python, error))


def keep_compiled_modules():
    """Have Python keep them in var: it may not be able to write beside the program."""
    var = os.path.join(HERE, "var")
    folder = os.path.join(var, "pyc")
    try:
        if not os.path.isdir(folder):
            os.mkdir(folder, 0o700)
            if os.stat(var).st_uid == os.geteuid():
                os.chmod(var, 0o700)  # FTP lets everybody look into what it makes
    except OSError:
        return  # there is no var, or it cannot be written
    # One that others own might hold code of theirs.
    if os.stat(folder).st_uid == os.geteuid():
        sys.pycache_prefix = folder


def create():
    """Return Porthole, or an application that says why it cannot start."""
    if sys.version_info < (3, 9):
        change_python()
        sentence = (
            "It needs Python 3.9 or newer, and this is %d.%d. Choose a newer one in "
            "the control panel, or name its path in the first line of app.cgi."
            % sys.version_info[:2]
        )
        return Excuse(sentence, "%s This is %s." % (sentence, sys.executable))
    keep_compiled_modules()
    if os.environ.get("GATEWAY_INTERFACE"):
        # This process ends before there is garbage worth looking for.
        gc.set_threshold(OBJECTS_OF_A_REQUEST)
    try:
        from app import bundled

        bundled.use(HERE)
        from app import config, front
    except ImportError as error:
        return missing(error)
    try:
        return Guard(front.Application(config.load()))
    except config.ConfigMissing as error:
        from app import unconfigured

        return Guard(unconfigured.Application(config.default_path(), error))
    except config.ConfigError as error:
        sentence = "Its config.ini cannot be used; boot.log in its folder var says why."
        return Excuse(sentence, error)


def run_as_cgi():
    """Answer the one request of this process."""
    if isinstance(application, Excuse):
        # Neither this Python nor the rest of Porthole may be fit for more.
        sys.stdout.write("Status: 500 Internal Server Error\r\n")
        sys.stdout.write("Content-Type: text/plain; charset=utf-8\r\n\r\n")
        sys.stdout.write(application.body.decode("utf-8"))
        return
    from app import cgi

    cgi.run(application, application.close)


application = create()

if __name__ == "__main__" and os.environ.get("GATEWAY_INTERFACE"):
    run_as_cgi()
