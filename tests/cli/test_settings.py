"""The production commands refuse to start without secrets, in a line that shows none."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("SUNLOT_", "DATABASE_"))}
    return subprocess.run(
        [sys.executable, "-m", "app", *command],
        cwd=REPO,
        env=clean | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("command", ["serve", "worker", "migrate"])
def test_missing_secrets_are_named_and_nothing_starts(command: str) -> None:
    refused = run(command)
    assert refused.returncode == 2
    assert "SUNLOT_SECRET_KEY, SUNLOT_SEAL_KEY, DATABASE_URL" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_weak_secret_is_refused_and_not_shown() -> None:
    refused = run(
        "serve",
        SUNLOT_SECRET_KEY="hunter2-hunter2",
        SUNLOT_SEAL_KEY="ab" * 32,
        DATABASE_URL="postgresql://sunlot:pw-of-the-database@localhost/x",
    )
    assert refused.returncode == 2
    assert "32 characters" in refused.stderr
    assert "hunter2" not in refused.stderr + refused.stdout
    assert "pw-of-the-database" not in refused.stderr + refused.stdout


def test_a_weak_password_of_the_first_administrator_is_refused_rule_by_rule() -> None:
    refused = run(
        "create-admin",
        "--username=admin",
        "--password=adminadmin",
        SUNLOT_SECRET_KEY="k" * 40,
        SUNLOT_SEAL_KEY="ab" * 32,
        DATABASE_URL="postgresql://nobody@localhost/none",
    )
    assert refused.returncode == 1
    assert "12 至 128 个字符" in refused.stderr
    assert "用户名" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert "adminadmin" not in refused.stderr + refused.stdout
