"""What weighs little and asks for much: a clear answer, in two seconds, in bounded memory.

Each file is read in a process of its own: some of them have ended the process.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tabular.bombs import BOMBS

ROOT = Path(__file__).resolve().parents[2]
MEGABYTES = 300
"""The largest sheet that is read takes most of it."""


@pytest.mark.parametrize("name", BOMBS)
def test_it_is_answered_within_two_seconds_and_in_bounded_memory(name: str, tmp_path: Path):
    filename, make, codes = BOMBS[name]
    path = tmp_path / filename
    path.write_bytes(make())
    assert path.stat().st_size < 10 * 1024 * 1024
    done = subprocess.run(
        [sys.executable, "-m", "tests.tabular.bombs", str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr[:2000]
    found = json.loads(done.stdout)
    assert found["code"] in codes
    assert found["seconds"] < 2
    assert found["megabytes"] < MEGABYTES
