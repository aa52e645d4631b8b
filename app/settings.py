"""Everything the environment may say, read once, frozen; the only reader of the environment.

Secrets have no defaults: outside the demo the service refuses to start without them.
"""

import re
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, IPvAnyNetwork, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SECRET_MIN_LENGTH = 32
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:]+\](:[0-9]{1,5})?")


class Settings(BaseSettings):
    """Settings of one process. Environment names carry the prefix SUNLOT_, but for DATABASE_URL."""

    model_config = SettingsConfigDict(
        env_prefix="SUNLOT_",
        frozen=True,
        extra="ignore",  # the environment holds much that is not ours
        populate_by_name=True,
        hide_input_in_errors=True,  # it may be a secret
    )

    environment: Literal["production", "demo", "test"] = "production"
    database_url: SecretStr = Field(alias="DATABASE_URL", default=SecretStr(""))
    """Service role; postgresql:// is read as postgresql+asyncpg://."""
    database_admin_url: SecretStr = Field(alias="DATABASE_ADMIN_URL", default=SecretStr(""))
    """Owner of the tables, for migrations; empty: the service role does both, with a warning."""
    secret_key: SecretStr = SecretStr("")
    """Signs access tokens; 32 characters or more."""
    seal_key: SecretStr = SecretStr("")
    """Seals draw secrets at rest (AES-256-GCM); 64 hex characters."""
    region_code: str = "150525"
    """Where system events without a department belong."""
    data_dir: Path = Path(".data")
    """Audit anchors and, in the demo, the embedded server."""
    anchor_seconds: int = Field(default=60, ge=1, le=3600)
    """How often audit heads leave the database."""
    worker_poll_seconds: float = Field(default=1.0, gt=0, le=60)
    """How often the worker looks for draws whose time has come, and for operations that waited."""
    operation_concurrency: int = Field(default=2, ge=1, le=20)
    """How many operations one worker does at a time; each needs two connections of the pool."""
    operation_heartbeat_seconds: float = Field(default=1.0, ge=0.1, le=60)
    """How often a worker and each operation it does give a sign of life."""
    operation_stalled_seconds: float = Field(default=10.0, ge=0.5, le=3600)
    """After how long without one an operation is taken up by another worker."""
    operation_max_attempts: int = Field(default=10, ge=1, le=1000)
    """An operation that was interrupted so often is given up: it may be what ends the workers."""
    operation_grace_seconds: float = Field(default=5.0, ge=0, le=3600)
    """How long a worker that is told to stop lets operations go on before it interrupts them."""
    access_token_seconds: int = Field(default=900, ge=60, le=86_400)
    refresh_token_seconds: int = Field(default=7 * 86_400, ge=300, le=90 * 86_400)
    password_profile: Literal["modern", "dengbao"] = "modern"  # noqa: S105  a profile
    """Which rules of app/domain/passwords.py hold; the next three figures can only tighten it."""
    lock_after_failures: int = Field(default=5, ge=1, le=100)
    lock_seconds: int = Field(default=900, ge=1, le=86_400)
    password_min_length: int = Field(default=8, ge=8, le=128)
    password_hash_cost: Literal["normal", "test"] = "normal"  # noqa: S105  a cost, no password
    cors_origins: tuple[str, ...] = ()
    """Origins of front ends that are served from elsewhere, as JSON: ["https://web.example"]."""
    trusted_proxies: tuple[IPvAnyNetwork, ...] = ()
    """Proxies before us, as JSON: ["10.0.0.5", "10.1.0.0/16"]; only theirs are the X-Forwarded-*
    fields that are believed."""
    hsts_seconds: int = Field(default=0, ge=0, le=63_072_000)
    """Strict-Transport-Security of what is served over https; nought sends none."""
    rate_limit_window_seconds: int = Field(default=60, ge=1, le=3600)
    """The window of the next four quotas; a quota of nought is no limit."""
    rate_limit_account: int = Field(default=3000, ge=0, le=1_000_000)
    rate_limit_ip: int = Field(default=1200, ge=0, le=1_000_000)
    """Of callers who have not signed in."""
    rate_limit_sign_in_ip: int = Field(default=120, ge=0, le=1_000_000)
    """Of login, refresh, password change and service tokens; a unit's people share an address."""
    rate_limit_sign_in_name: int = Field(default=20, ge=0, le=1_000_000)
    """Of attempts for one user name or client id, from wherever."""
    max_body_bytes: int = Field(default=34 * 1024 * 1024, ge=1024)
    """Larger uploads are refused with a problem before they are read whole."""
    max_json_bytes: int = Field(default=1024 * 1024, ge=1024)
    """The same for every body that is no upload."""
    database_pool_size: int = Field(default=10, ge=1, le=200)
    require_platform_receipt: bool = False
    """True where an adapter to the platform is in use: a result is published with its receipt."""
    certificate_form_required: bool = False
    """True: a certificate number without its issuer's form is refused; else it is warned of."""
    public_base_url: str = "http://127.0.0.1:8000"
    log_json: bool = True

    @field_validator("cors_origins")
    @classmethod
    def _origins_are_exact(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        """Scheme, host and port as a browser says them: no path, no wildcard, no "null"."""
        if any(_ORIGIN.fullmatch(origin) is None for origin in origins):
            raise ValueError("an origin is like https://web.example, in lower case and without /")
        return origins

    @model_validator(mode="after")
    def _a_stall_is_longer_than_a_heartbeat(self) -> Self:
        if self.operation_stalled_seconds < 3 * self.operation_heartbeat_seconds:
            msg = "SUNLOT_OPERATION_STALLED_SECONDS must be three heartbeats or more"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _secrets_are_there(self) -> Self:
        if self.environment == "production":
            missing = [
                name
                for name, value in (
                    ("SUNLOT_SECRET_KEY", self.secret_key),
                    ("SUNLOT_SEAL_KEY", self.seal_key),
                    ("DATABASE_URL", self.database_url),
                )
                if not value.get_secret_value()
            ]
            if missing:
                msg = f"missing settings: {', '.join(missing)}"
                raise ValueError(msg)
        key = self.secret_key.get_secret_value()
        if key and len(key) < SECRET_MIN_LENGTH:
            msg = f"SUNLOT_SECRET_KEY needs {SECRET_MIN_LENGTH} characters or more"
            raise ValueError(msg)
        seal = self.seal_key.get_secret_value()
        if seal and (len(seal) != 64 or set(seal) - set("0123456789abcdef")):  # noqa: PLR2004
            msg = "SUNLOT_SEAL_KEY needs 64 lower-case hex characters"
            raise ValueError(msg)
        return self


def asyncpg_url(url: str) -> str:
    """SQLAlchemy 2.1 reads a bare postgresql:// as psycopg; the service speaks asyncpg."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+asyncpg://" + url.removeprefix(prefix)
    return url


def libpq_url(url: str) -> str:
    """The same address for clients of libpq (the job queue's driver is psycopg)."""
    address, mark, query = asyncpg_url(url).partition("?")
    kept = [
        re.sub("^ssl=", "sslmode=", part)
        for part in query.split("&")
        if part and not part.startswith("prepared_statement_")
    ]
    return address.replace("postgresql+asyncpg://", "postgresql://", 1) + mark + "&".join(kept)
