"""What every service is given: the process's settings, database, clock and secrets."""

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

from app.clock import Clock
from app.documents.renderer import SheetRenderer
from app.security import Passwords, Sealer, Tokens
from app.settings import Settings
from app.storage.engine import Database


@dataclass(frozen=True, slots=True)
class Runtime:
    """One per process, made by the composition root."""

    settings: Settings
    database: Database
    clock: Clock
    passwords: Passwords
    tokens: Tokens
    sealer: Sealer
    sheet_renderer: SheetRenderer = field(default_factory=SheetRenderer)

    @property
    def anchor_file(self) -> Path:
        """Where audit heads are appended, outside the database."""
        return self.settings.data_dir / "audit-anchors.jsonl"


def make_runtime(settings: Settings, database: Database, clock: Clock) -> Runtime:
    """Put together what services need."""
    return Runtime(
        settings=settings,
        database=database,
        clock=clock,
        passwords=Passwords(cheap=settings.password_hash_cost == "test"),  # noqa: S105  a cost
        tokens=Tokens(
            settings.secret_key.get_secret_value(),
            dt.timedelta(seconds=settings.access_token_seconds),
        ),
        sealer=Sealer(settings.seal_key.get_secret_value()),
    )
