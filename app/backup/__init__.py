"""Backup, restore, and the drill that proves that a backup can be restored.

`programs.py` finds the server's own pg_dump, `manifest.py` says what a backup holds, `making.py`
and `restoring.py` do what they say, `checking.py` verifies a restored database, `drill.py` does all
of it on a throw-away database and keeps a report. Keys are never part of a backup.
"""

from app.backup.drill import run_drill
from app.backup.making import make_backup
from app.backup.programs import BackupFailed
from app.backup.restoring import restore_and_check

__all__ = ["BackupFailed", "make_backup", "restore_and_check", "run_drill"]
