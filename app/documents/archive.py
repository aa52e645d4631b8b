"""A zip archive written piece by piece: one file has been sent before the next one is made."""

import io
import zipfile
from datetime import date


class _Outlet(io.RawIOBase):
    """Takes what zipfile writes and hands it on; has no place to seek to."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = bytes(memoryview(data))  # type: ignore[arg-type]  # zipfile writes bytes
        self._pieces.append(piece)
        return len(piece)

    def take(self) -> bytes:
        """What was written since."""
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken


class Archive:
    """Files go in, bytes to send come out; dates come from the data, so archives repeat."""

    def __init__(self) -> None:
        self._outlet = _Outlet()
        # PDF streams are compressed already.
        self._zip = zipfile.ZipFile(self._outlet, "w", zipfile.ZIP_STORED)

    def add(self, name: str, content: bytes, day: date) -> bytes:
        """The bytes of one more file."""
        entry = zipfile.ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0))
        entry.external_attr = 0o644 << 16
        self._zip.writestr(entry, content)
        return self._outlet.take()

    def close(self) -> bytes:
        """The directory at the end."""
        self._zip.close()
        return self._outlet.take()
