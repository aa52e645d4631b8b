"""Passwords, access tokens, refresh tokens and the sealing of draw secrets.

The only importer of jose. One algorithm, no header is trusted; time comes from the caller.
"""

import datetime as dt
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from uuid import UUID

import anyio.to_thread
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from jose import JWTError, jwt

from app.models.base import new_id

ALGORITHM = "HS256"
ISSUER = "sunlot"
AUDIENCE = "sunlot-api"


class Passwords:
    """Argon2id; hashing runs in a thread, for it takes tens of milliseconds."""

    def __init__(self, *, cheap: bool = False) -> None:
        self._hasher = (
            PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
            if cheap
            else PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        )
        self._nobody = self._hasher.hash(secrets.token_hex(16))

    async def hash(self, password: str) -> str:
        """The PHC string to keep."""
        return await anyio.to_thread.run_sync(self._hasher.hash, password)

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether they match; an unknown account (None) takes as long as a known one."""
        return await anyio.to_thread.run_sync(self._verify, password_hash, password)

    def _verify(self, password_hash: str | None, password: str) -> bool:
        try:
            self._hasher.verify(password_hash or self._nobody, password)
        except (VerificationError, InvalidHashError):
            return False
        return password_hash is not None


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What an access token says: which account, in which session. Roles come from the database."""

    account_id: UUID
    session_id: UUID


class Tokens:
    """Short-lived access tokens (HS256)."""

    def __init__(self, secret: str, lifetime: dt.timedelta) -> None:
        self._secret = secret
        self.lifetime = lifetime

    def issue(
        self, claims: AccessClaims, now: dt.datetime, until: dt.datetime | None = None
    ) -> str:
        """A signed token that expires after the lifetime, or before."""
        expires_at = min(now + self.lifetime, until or now + self.lifetime)
        body = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(claims.account_id),
            "sid": str(claims.session_id),
            "jti": str(new_id()),
            "iat": int(now.timestamp()),
            "exp": int(expires_at.timestamp()),
        }
        return str(jwt.encode(body, self._secret, algorithm=ALGORITHM))

    def read(self, token: str, now: dt.datetime) -> AccessClaims | None:
        """The claims, or None when anything about the token is not as we made it."""
        try:
            body = jwt.decode(
                token,
                self._secret,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=ISSUER,
                # The expiry is tested below against the injected clock.
                options={
                    "verify_exp": False,
                    "verify_iat": False,
                    **{f"require_{name}": True for name in ("aud", "iss", "sub", "jti")},
                },
            )
            if not body.get("jti") or int(body["exp"]) <= now.timestamp():
                return None
            return AccessClaims(UUID(body["sub"]), UUID(body["sid"]))
        except (JWTError, KeyError, ValueError, TypeError, AttributeError, OverflowError):
            return None


def new_refresh_token() -> str:
    """256 random bits; only the hash is kept."""
    return secrets.token_urlsafe(32)


def new_client_secret() -> str:
    """256 random bits, with a mark by which scanners of code find one that was committed."""
    return f"sunlot_cs_{secrets.token_urlsafe(32)}"


def same_text(one: str, other: str) -> bool:
    """Whether two texts are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())


def new_password() -> str:
    """A one-time password that a person can type."""
    alphabet = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(5)) for _ in range(4))


def new_draw_secret() -> str:
    """64 hex characters from the operating system (DRAW s.2)."""
    return secrets.token_hex(32)


def sha256_text(text: str) -> str:
    """Hex SHA-256 of a token."""
    return hashlib.sha256(text.encode()).hexdigest()


class Sealer:
    """Seals draw secrets at rest with AES-256-GCM; the draw's number is bound to the ciphertext."""

    def __init__(self, key_hex: str) -> None:
        self._cipher = AESGCM(bytes.fromhex(key_hex))

    def seal(self, secret: str, bound_to: str) -> bytes:
        """Nonce and ciphertext."""
        nonce = secrets.token_bytes(12)
        return nonce + self._cipher.encrypt(nonce, secret.encode(), bound_to.encode())

    def open(self, sealed: bytes, bound_to: str) -> str:
        """The secret; raises ValueError when key, binding or bytes are not those of the sealing."""
        try:
            return self._cipher.decrypt(sealed[:12], sealed[12:], bound_to.encode()).decode()
        except InvalidTag as error:
            raise ValueError("the sealed secret does not open with this key") from error
