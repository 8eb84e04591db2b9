"""The servers of a shared host, each a real one: FTP, phpMyAdmin, Apache."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

from tests.mariadb_server import find

ROOT = Path(__file__).parents[2]
PHPMYADMIN = Path(os.environ.get("PHPMYADMIN", "/usr/share/phpmyadmin"))
MODULES = Path("/usr/lib/apache2/modules")
PASSENGER = Path("/usr/lib/ruby/vendor_ruby/phusion_passenger/locations.ini")
PYTHON = "/usr/bin/python3"
LONGEST_WAIT_SECONDS = 60


def missing() -> str:
    """Return what this machine lacks for the drill, as Debian calls it."""
    wanted = {
        "apache2": find("apache2"),
        "libapache2-mod-passenger": PASSENGER.exists(),
        "phpmyadmin": PHPMYADMIN.exists(),
        "php-cli": find("php"),
        "python3": os.path.exists(PYTHON),
    }
    return " ".join(name for name, is_there in wanted.items() if not is_there)


def owner() -> tuple[int, int]:
    """Return user and group of the account: root lends his place to www-data."""
    if os.geteuid():
        return os.geteuid(), os.getegid()
    user = pwd.getpwnam("www-data")
    return user.pw_uid, user.pw_gid


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """A program that runs until it is stopped."""

    def __init__(
        self, command: list[str], port: int, log: Path, as_owner: bool
    ) -> None:
        self.port = port
        self.log = log
        user: dict[str, object] = {}
        if as_owner and os.geteuid() == 0:
            user = {"user": owner()[0], "group": owner()[1], "extra_groups": []}
        with log.open("ab") as file:
            self._process = subprocess.Popen(  # type: ignore[call-overload]
                command,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                cwd="/",
                # Apache passes the signal to stop on to its whole group.
                start_new_session=True,
                **user,
            )

    def wait(self) -> None:
        """Return when it takes connections."""
        deadline = time.monotonic() + LONGEST_WAIT_SECONDS
        while True:
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(self.log.read_text())
            try:
                socket.create_connection(("127.0.0.1", self.port), 5).close()
                return
            except OSError:
                time.sleep(0.02)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(LONGEST_WAIT_SECONDS)


class Ftp:
    """An FTP server for one account."""

    def __init__(self, home: Path) -> None:
        command = [sys.executable, "-m", "tests.hosting.ftp_server", str(home)]
        self._process = subprocess.Popen(
            [*command, *map(str, owner())], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())

    def stop(self) -> None:
        self._process.terminate()
        self._process.communicate(timeout=LONGEST_WAIT_SECONDS)


def start_phpmyadmin(folder: Path, database_port: int) -> Server:
    """Start Debian's phpMyAdmin, with settings of its own, in PHP's server."""
    site = folder / "phpmyadmin"
    (site / "libraries").mkdir(parents=True)
    (folder / "tmp").mkdir()
    os.chown(folder / "tmp", *owner())
    for place in (".", "libraries"):
        for path in (PHPMYADMIN / place).iterdir():
            if path.name not in ("index.php", "libraries", "vendor_config.php"):
                (site / place / path.name).symlink_to(path)
    # It looks for the rest where this file is.
    shutil.copy(PHPMYADMIN / "index.php", site)
    settings = (PHPMYADMIN / "libraries" / "vendor_config.php").read_text()
    settings = settings.replace("/etc/phpmyadmin/config.inc.php", f"{site}/config.php")
    settings = settings.replace("/var/lib/phpmyadmin/tmp/", f"{folder}/tmp/")
    (site / "libraries" / "vendor_config.php").write_text(settings)
    (site / "config.php").write_text(
        "<?php $cfg['blowfish_secret'] = '" + "x" * 32 + "';"
        f"$cfg['TempDir'] = '{folder}/tmp'; $cfg['Servers'][1] = ['auth_type' =>"
        f" 'cookie', 'host' => '127.0.0.1', 'port' => '{database_port}'];"
    )
    port = free_port()
    command = [find("php"), "-d", f"session.save_path={folder}/tmp"]
    command += ["-d", f"upload_tmp_dir={folder}/tmp"]
    command += ["-S", f"127.0.0.1:{port}", "-t", str(site)]
    server = Server(command, port, folder / "php.log", as_owner=True)
    server.wait()
    return server


class Apache:
    """Apache with its own configuration, on a port of its own."""

    def __init__(self, folder: Path, modules: str, configuration: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "error.log"
        names = "authz_core mime dir env setenvif rewrite headers filter deflate"
        names += f" {modules}"
        lines = [
            f"LoadModule {name}_module {MODULES}/mod_{name}.so"
            for name in names.split()
        ]
        lines += [
            f"ServerRoot {folder}",
            "ServerName localhost",
            f"PidFile {folder}/apache.pid",
            f"ErrorLog {self.log}",
            f"Listen 127.0.0.1:{self.port}",
            "TypesConfig /etc/mime.types",
            "<Directory />\nAllowOverride None\nRequire all denied\n</Directory>",
            configuration,
        ]
        if os.geteuid() == 0:
            lines += ["User www-data", "Group www-data"]
        (folder / "apache.conf").write_text("\n".join(lines) + "\n")
        command = [find("apache2"), "-f", str(folder / "apache.conf"), "-DFOREGROUND"]
        self._server = Server(command, self.port, folder / "apache.log", as_owner=False)
        self._server.wait()

    def stop(self) -> None:
        self._server.stop()


def cgi(folder: Path, document_root: Path) -> Apache:
    """Start Apache as a host does that runs .cgi files in the document root."""
    return Apache(
        folder,
        "mpm_prefork cgi",
        f"DocumentRoot {document_root}\n<Directory {document_root}>\n"
        "AllowOverride FileInfo AuthConfig Limit\n"
        "Options +ExecCGI +SymLinksIfOwnerMatch\nAddHandler cgi-script .cgi\n"
        "Require all granted\n</Directory>",
    )


def has_passenger() -> bool:
    """Return whether Apache with Passenger can be started here."""
    return bool(find("apache2")) and PASSENGER.exists()


def passenger(
    folder: Path, document_root: Path, program: Path, *settings_of_app: str
) -> Apache:
    """Start Apache as a panel does that has "Setup Python App"."""
    (folder / "registry").mkdir()
    settings = [
        f"PassengerRoot {PASSENGER}",
        "PassengerDefaultRuby /usr/bin/ruby",
        f"PassengerInstanceRegistryDir {folder}/registry",
        f"PassengerLogFile {folder}/passenger.log",
        "PassengerDisableSecurityUpdateCheck on",
        "PassengerDisableAnonymousTelemetry on",
        f"PassengerPython {PYTHON}",
        "PassengerMaxPoolSize 2",
        # How often it looks at restart.txt; hosts leave it at ten seconds.
        "PassengerStatThrottleRate 1",
        f"PassengerAppRoot {program}",
        f"DocumentRoot {document_root}",
        f"<Directory {document_root}>\nAllowOverride FileInfo AuthConfig Limit\n"
        "Options -MultiViews\nRequire all granted\n</Directory>",
    ]
    if os.geteuid() == 0:
        settings.append("PassengerDefaultUser www-data")
    else:
        settings.append("PassengerUserSwitching off")
    return Apache(
        folder, "mpm_event passenger", "\n".join([*settings, *settings_of_app])
    )
