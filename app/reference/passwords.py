"""The most common passwords, which no account may have."""

from functools import cache

from app.reference.source import read_lines


@cache
def common_passwords() -> frozenset[str]:
    """In lower case; 8 characters or more, for no password profile admits shorter ones."""
    return frozenset(read_lines("common_passwords.txt"))
