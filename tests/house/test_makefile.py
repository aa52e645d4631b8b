"""The commands of the project do what they say, by the locks with their hashes, anywhere."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import app

ROOT = Path(app.__file__).parent.parent
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = ("run", "stop", "demo", "test", "check", "soak", "web", "openapi", "lock", "clean")


def make(*arguments: str, folder: Path = ROOT, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        ["make", *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("target", TARGETS)
def test_every_command_is_there_and_says_what_it_does(target: str):
    assert make("-n", target).returncode == 0
    assert re.search(rf"^  make {target} +\w.+", make("help").stdout, re.MULTILINE)


def test_packages_come_by_hash_from_a_lock_and_from_nowhere_else():
    joined = MAKEFILE.replace("\\\n", " ").replace("uv pip", "")
    installs = re.findall(r"pip install .*", joined)
    assert len(installs) == 1
    assert "--require-hashes" in installs[0]
    assert "--no-deps" in installs[0]


def test_no_command_and_no_lock_names_a_host():
    for name in ("Makefile", ".ci/run", "requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert not re.search(r"https?://|index-url|find-links", text), name


def test_every_package_of_a_lock_is_pinned_and_hashed():
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
        lines = [line for line in text.splitlines() if line.strip()]
        assert len(lines) > 30
        assert [
            line[:60] for line in lines if "==" not in line or "--hash=sha256:" not in line
        ] == []


def test_the_lock_of_the_tools_holds_all_that_the_service_needs():
    pinned = [
        set(
            re.findall(
                r"^([A-Za-z0-9._-]+(?:\[[a-z,]+\])?==\S+)", (ROOT / name).read_text(), re.MULTILINE
            )
        )
        for name in ("requirements.lock", "requirements-dev.lock")
    ]
    assert pinned[0] <= pinned[1]


def test_ci_runs_the_checks_and_the_suite():
    script = ROOT / ".ci" / "run"
    text = script.read_text(encoding="utf-8")
    assert os.access(script, os.X_OK)
    assert "set -euo pipefail" in text
    assert text.rstrip().endswith("make check test")


def test_an_old_python_is_refused_in_a_path_with_spaces(tmp_path: Path):
    folder = tmp_path / "a clone"
    folder.mkdir()
    for name in ("Makefile", "requirements.lock", "requirements-dev.lock"):
        shutil.copy(ROOT / name, folder)
    done = make("venv-run", "PYTHON=/bin/false", folder=folder)
    assert done.returncode != 0
    assert "Python 3.11 or later is needed" in done.stderr
    assert not (folder / ".venv").exists()


def test_without_node_the_web_checks_fail_and_say_so(tmp_path: Path):
    recipe = subprocess.run(
        ["make", "-n", "web"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    script = recipe[recipe.index("command -v node") :]
    done = subprocess.run(
        ["/bin/bash", "-euo", "pipefail", "-c", script],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "node is missing" in done.stderr
