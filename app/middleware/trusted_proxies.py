"""Who calls: the peer, or whom a proxy of ours says it speaks for.

X-Forwarded-For and -Proto are believed from a trusted peer only, and of the former only what
trusted proxies have added: the last address that is none of theirs. What is no address is not
believed.
"""

import ipaddress
from collections.abc import Collection

from starlette.types import ASGIApp, Receive, Scope, Send

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
LONGEST = 1000


class TrustedProxies:
    """Puts the caller's address and scheme in place of the proxy's."""

    def __init__(self, app: ASGIApp, proxies: Collection[Network]) -> None:
        self._app = app
        self._proxies = tuple(proxies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._proxies and scope.get("client"):
            peer = _address(scope["client"][0])
            if peer is not None and self._trusts(peer):
                self._believe(scope)
        await self._app(scope, receive, send)

    def _believe(self, scope: Scope) -> None:
        told = ",".join(_values(scope, b"x-forwarded-for"))[-LONGEST:]
        for text in reversed(told.split(",")):
            address = _address(text)
            if address is None:
                break
            scope["client"] = (str(address), 0)
            if not self._trusts(address):
                break
        scheme = _values(scope, b"x-forwarded-proto")[-1:]
        if scheme and scheme[0].strip().lower() in {"http", "https"}:
            scope["scheme"] = scheme[0].strip().lower()

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self._proxies)


def _values(scope: Scope, wanted: bytes) -> list[str]:
    return [value.decode("latin-1") for name, value in scope["headers"] if name == wanted]


def _address(text: str) -> Address | None:
    """The address in "1.2.3.4", "1.2.3.4:80", "::1" or "[::1]:80"."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
