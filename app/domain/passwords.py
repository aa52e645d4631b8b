"""What a password must be. It knows nothing of hashes."""

from app.domain.errors import RuleError
from app.domain.refusals import accounts as refusals


def check_password(password: str, username: str, min_length: int) -> None:
    """Refuse a password that is short or repeats the user name (house rule)."""
    if len(password) < min_length or password.casefold() == username.casefold():
        raise RuleError(refusals.PASSWORD_TOO_WEAK, min_length=min_length)
