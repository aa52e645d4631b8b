# The commands of the project. Each venv is made from a lock with hashes, for this Python and this
# lock; nothing else is installed. Paths may hold spaces, so recipes quote and targets are phony.

PYTHON ?= python3
VENV ?= .venv
ARGS ?=

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help
.PHONY: help run demo stop test check soak web openapi lock venv-run venv-dev clean

help: ## what can be done here
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

# $(call venv,FOLDER,LOCK): the folder as the lock says, unless its stamp says it is so already.
# requirements-dev.lock holds all of requirements.lock, so a venv of it serves `run`, too, and one
# of requirements.lock is added to and not made again: a service may be running from it.
define venv
	say() { echo "make: $$*" >&2; }
	"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { say "Python 3.11 or later is needed: make PYTHON=python3.11 …"; exit 1; }
	stamp() { "$(PYTHON)" -c 'import hashlib, pathlib, sys; print(hashlib.sha256((sys.version + \
	  sys.base_prefix + pathlib.Path(sys.argv[1]).read_text()).encode()).hexdigest())' "$$1"; }
	wanted="$$(stamp "$(2)")"
	found="$$(cat "$(1)/stamp" 2>/dev/null || true)"
	if [ "$$found" != "$$wanted" ] && [ "$$found" != "$$(stamp requirements-dev.lock)" ]; then
	  if [ "$$found" != "$$(stamp requirements.lock)" ]; then
	    say "making $(1) (once; it takes a minute)"
	    rm -rf "$(1)"
	    "$(PYTHON)" -m venv "$(1)" \
	      || { say "Python's venv module is missing (Debian: apt install python3-venv)"; exit 1; }
	  fi
	  say "installing $(2) into $(1)"
	  "$(1)/bin/python" -m pip install --disable-pip-version-check --quiet \
	    --require-hashes --no-deps -r "$(2)"
	  echo "$$wanted" > "$(1)/stamp"
	fi
endef

venv-run:
	@$(call venv,$(VENV),requirements.lock)

venv-dev:
	@$(call venv,$(VENV),requirements-dev.lock)

run: venv-run ## the service with a demo year, on this machine; Ctrl-C ends it
	@exec "$(VENV)/bin/python" -m app run $(ARGS)

stop: venv-run ## end what `make run` started, when its terminal is gone
	@exec "$(VENV)/bin/python" -m app stop $(ARGS)

demo: venv-run ## play the demo year on a throw-away database; writes build/demo-report.json
	@mkdir -p build
	exec "$(VENV)/bin/python" -m app demo --report build/demo-report.json $(ARGS)

test: venv-dev ## the suite that must always pass (ARGS="tests/api -k login" for a part)
	@exec "$(VENV)/bin/python" -m pytest -n 2 --dist loadgroup $(ARGS)

check: venv-dev ## lint, format, types, import contracts, and the committed OpenAPI document
	@bin="$(VENV)/bin"
	"$$bin/ruff" check .
	"$$bin/ruff" format --check .
	"$$bin/mypy"
	PYTHONPATH=. "$$bin/lint-imports" --no-logo
	made="$$(mktemp -d)"; trap 'rm -rf "$$made"' EXIT
	"$$bin/python" -m app openapi --out "$$made" > /dev/null
	diff -ru openapi "$$made" || { echo "make: run make openapi and read the difference" >&2; exit 1; }

openapi: venv-dev ## write openapi/openapi.json, problems.md and glossary.md
	@exec "$(VENV)/bin/python" -m app openapi

soak: venv-dev ## long runs by hand: kill -9 rounds, every change of every draw vector
	@"$(VENV)/bin/python" -m tests.soak
	exec "$(VENV)/bin/python" -m tests.verifier.mutate_all

web: venv-dev ## the verifier page in Node against the Python verifier; needs Node
	@command -v node > /dev/null \
	  || { echo "make: node is missing (Debian: apt install nodejs); nothing was tried" >&2; exit 1; }
	PYTHON="$(VENV)/bin/python" exec node tests/web/verify_page.mjs

lock: ## make both locks again from pyproject.toml; needs uv
	@command -v uv > /dev/null || { echo "make: uv is missing; the locks were left as they are" >&2; exit 1; }
	# The tools first: some of them hold a library back, and the service then takes the same pin.
	uv pip compile --universal --generate-hashes --no-header --no-annotate --python-version 3.11 \
	  --extra dev pyproject.toml -o requirements-dev.lock
	uv pip compile --universal --generate-hashes --no-header --no-annotate --python-version 3.11 \
	  --constraint requirements-dev.lock pyproject.toml -o requirements.lock

clean: ## delete what tools have made; keeps .data
	@rm -rf build .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
