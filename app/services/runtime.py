"""What every service is given: the process's settings, database, clock and secrets."""

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

from app.clock import Clock
from app.documents.renderer import SheetRenderer
from app.domain.passwords import PROFILES, PasswordPolicy, PasswordProfile
from app.domain.rate_limits import RatePolicies, RatePolicy
from app.security import Passwords, Sealer, Tokens
from app.services.rate_limiter import RateLimiter
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
    rate_limiter: RateLimiter
    sheet_renderer: SheetRenderer = field(default_factory=SheetRenderer)

    @property
    def password_policy(self) -> PasswordPolicy:
        """The chosen profile, with the site's own figures where they are stricter."""
        settings = self.settings
        return PROFILES[PasswordProfile(settings.password_profile)].tightened(
            min_length=settings.password_min_length,
            lock_after_failures=settings.lock_after_failures,
            lock_seconds=settings.lock_seconds,
        )

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
        rate_limiter=RateLimiter(database, _policies(settings)),
    )


def _policies(settings: Settings) -> RatePolicies:
    window = settings.rate_limit_window_seconds
    return RatePolicies(
        account=RatePolicy("account", settings.rate_limit_account, window),
        ip=RatePolicy("ip", settings.rate_limit_ip, window),
        sign_in_ip=RatePolicy("sign-in-ip", settings.rate_limit_sign_in_ip, window),
        sign_in_name=RatePolicy("sign-in-name", settings.rate_limit_sign_in_name, window),
    )
