# make run: serve Porthole and a demo site here.    make test: the whole suite.
# make lint: ruff and mypy.    make check: both, and how much of the code the suite runs.
# make release: dist/porthole-X.Y.Z.zip.
# make drill: the release, uploaded by FTP to a host made of real servers.
# make faults: what each fault cost.    make soak: whether half an hour of traffic
# leaves anything behind.
# make bench: what it costs (PARTS="beacons cgi card reports" names some).
# make cluster-test: MariaDB Galera nodes on this machine that die under a stream.

NEW_ENOUGH = import sys; sys.exit(sys.version_info < (3, 9))
CANDIDATES = python3 python3.14 python3.13 python3.12 python3.11 python3.10 python3.9
PYTHON ?= $(shell for python in $(CANDIDATES); do \
	"$$python" -c '$(NEW_ENOUGH)' 2>/dev/null && { echo "$$python"; break; }; done)
# Not ?=, because some shells export HOST as the name of the machine.
HOST = 127.0.0.1
PORT ?= 8000

# As many tests at once as there are processors.
SIDE_BY_SIDE = -n auto --dist worksteal

# Tools are run as modules: the scripts in .venv/bin name a path that may be too long.
VENV_PYTHON = .venv/bin/python

# A .venv that is half made, was moved or copied, or whose Python a system upgrade
# took away, is made anew. Its stamp holds the folder it was made in.
VENV_STATE := $(shell test "$$(cat .venv/.python 2>/dev/null)" = "$$(pwd -P)" \
	&& .venv/bin/python -I -c 'import pip' 2>/dev/null && echo ready)
ifneq ($(VENV_STATE),ready)
.PHONY: .venv/.python
endif

.PHONY: run test lint check drill release faults soak bench cluster-test format clean

run: .venv/.runtime
	@$(VENV_PYTHON) -m app run --host $(HOST) --port $(PORT)

test: .venv/.dev
	@$(VENV_PYTHON) -m pytest -q $(SIDE_BY_SIDE)

lint: .venv/.dev
	@$(VENV_PYTHON) -m ruff check .
	@$(VENV_PYTHON) -m ruff format --check -q . || { echo "Run: make format"; exit 1; }
	@$(VENV_PYTHON) -m mypy --no-error-summary

check: lint
	@$(VENV_PYTHON) -m pytest -q $(SIDE_BY_SIDE) --cov --cov-report= --cov-precision=2 --cov-fail-under=95

release: .venv/.runtime
	@$(VENV_PYTHON) -m app release

drill: .venv/.dev
	@$(VENV_PYTHON) -m pytest -q tests/hosting

# A table: each fault, the beacons acknowledged, those found, those stored twice.
faults: .venv/.dev
	@$(VENV_PYTHON) -m pytest -q $(SIDE_BY_SIDE) -m faults

# Half an hour of mixed traffic: what its first and its last fifth cost.
soak: .venv/.dev
	@$(VENV_PYTHON) -m tests.soak

bench: .venv/.dev
	@$(VENV_PYTHON) -m bench $(PARTS)

cluster-test: .venv/.dev
	@$(VENV_PYTHON) -m bench.cluster

format: .venv/.dev
	@$(VENV_PYTHON) -m ruff check -q --fix . ; $(VENV_PYTHON) -m ruff format -q .

clean:
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .coverage

# What venv says is long, and wrong about what to do on other systems: say one sentence.
.venv/.python:
	@python="$(PYTHON)"; "$$python" -c '$(NEW_ENOUGH)' 2>/dev/null || { \
		echo "Porthole needs Python 3.9 or newer: install it, or name yours with make $(MAKECMDGOALS) PYTHON=/path/to/python3." >&2; \
		exit 1; }; \
	rm -rf .venv 2>/dev/null; \
	said=$$("$$python" -m venv .venv 2>&1) && pwd -P >$@ && exit 0; \
	rm -rf .venv 2>/dev/null; \
	case "$$said" in *"ensurepip is not"*|*"No module named"*) \
		version=$$("$$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
		echo "Python's venv module is missing: install it (Debian and Ubuntu: apt install python$$version-venv), then run make again." ;; \
	*) echo "Python could not make the folder .venv here: $$(printf '%s\n' "$$said" | tail -n 1)" ;; \
	esac >&2; exit 1

# $(call INSTALL,what for): the packages of the first prerequisite; the stamp comes last.
define INSTALL
@echo "Installing the packages that $(1) ..."
@$(VENV_PYTHON) -m pip install -q --disable-pip-version-check -r $< >.venv/pip.log 2>&1 || { \
	echo "pip could not get the packages: check the network or proxy, then run make again (.venv/pip.log has pip's words)." >&2; \
	exit 1; }
@touch $@
endef

.venv/.runtime: requirements.txt .venv/.python
	$(call INSTALL,Porthole runs on)

.venv/.dev: requirements-dev.txt .venv/.runtime
	$(call INSTALL,the tests need)
