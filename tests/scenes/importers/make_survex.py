"""Writes small Survex .3d files in the codings of versions 7 and 8."""

from __future__ import annotations

import struct
from pathlib import Path


class SurvexWriter:
    """Writes the items of a version 8 .3d file."""

    def __init__(self, crs: str = "EPSG:32644", flags: int = 0) -> None:
        self.label = b""
        head = b"Survex 3D Image File\nv8\ntest survey\0" + crs.encode() + b"\n@1759089143\n"
        self.data = bytearray(head + bytes([flags]))

    def _point(self, position: tuple[float, float, float]) -> bytes:
        return struct.pack("<iii", *(round(100 * value) for value in position))

    def _change(self, name: str) -> bytes:
        target = name.encode()
        same = 0
        while same < min(len(target), len(self.label)) and target[same] == self.label[same]:
            same += 1
        cut, add = len(self.label) - same, target[same:]
        self.label = target
        if (0 < cut < 16 and len(add) < 16) or (0 < len(add) < 16 and cut < 16):
            return bytes([cut << 4 | len(add)]) + add
        return b"\0" + self._length(cut) + self._length(len(add)) + add

    @staticmethod
    def _length(value: int) -> bytes:
        return bytes([value]) if value < 0xFF else b"\xff" + struct.pack("<I", value)

    def move(self, *position: float) -> None:
        """MOVE."""
        self.data += b"\x0f" + self._point(position)  # type: ignore[arg-type]

    def line(self, *position: float, flags: int = 0, survey: str | None = None) -> None:
        """LINE, with the survey's name where given."""
        if survey is None:
            self.data += bytes([0x60 | flags]) + self._point(position)  # type: ignore[arg-type]
        else:
            self.data += bytes([0x40 | flags]) + self._change(survey)
            self.data += self._point(position)  # type: ignore[arg-type]

    def station(self, name: str, *position: float, flags: int = 0x02) -> None:
        """LABEL."""
        self.data += bytes([0x80 | flags]) + self._change(name)
        self.data += self._point(position)  # type: ignore[arg-type]

    def section(self, name: str, *lrud: float, last: bool = False) -> None:
        """XSECT."""
        self.data += bytes([0x31 if last else 0x30]) + self._change(name)
        self.data += struct.pack("<hhhh", *(round(100 * value) for value in lrud))

    def style(self, code: int) -> None:
        """STYLE."""
        self.data += bytes([code])

    def date(self) -> None:
        """A date item."""
        self.data += b"\x11" + struct.pack("<H", 45000)

    def write(self, path: Path) -> None:
        """Write the file with its end mark."""
        self.data += b"\0\0"  # style normal, then stop
        path.write_bytes(bytes(self.data))


def survex(path: Path) -> None:
    """5 stations and 9 legs: a drift of 60 m with a branch, two wall shots, a surface leg and a
    duplicate; measured walls at three stations; an entrance."""
    writer = SurvexWriter()
    writer.style(4)
    writer.date()
    writer.move(600000, 5500000, 300)
    writer.line(600020, 5500000, 300, survey="mine.decline")
    writer.line(600040, 5500000, 300)
    writer.line(600060, 5500000, 299)
    writer.move(600040, 5500000, 300)
    writer.line(600040, 5500030, 300, survey="mine.a branch whose name is long")
    writer.move(600020, 5500000, 300)
    writer.line(600020, 5500003, 300, flags=0x04, survey="mine.decline")
    writer.line(600020, 5499997, 300, flags=0x04)
    writer.move(600000, 5500000, 300)
    writer.line(599900, 5500000, 320, flags=0x01)
    writer.move(600000, 5500000, 300)
    writer.line(600020, 5500000.2, 300, flags=0x02)
    writer.line(600020, 5500000.2, 300)
    writer.station("mine.decline.1", 600000, 5500000, 300, flags=0x06)
    writer.station("mine.decline.2", 600020, 5500000, 300)
    writer.station("mine.decline.3", 600040, 5500000, 300)
    writer.station("mine.decline.4", 600060, 5500000, 299)
    writer.station("mine.a branch whose name is long.1", 600040, 5500030, 300)
    writer.section("mine.decline.1", 2, 2, 2.5, 1.5)
    writer.section("mine.decline.2", 2, 2, 2.5, 1.5)
    writer.section("mine.decline.3", 2, 2, 2.5, -0.01, last=True)
    writer.write(path)


def survex_v7(path: Path) -> None:
    """3 stations, 2 legs and a cross-section in the older coding."""

    def point(*values: float) -> bytes:
        return struct.pack("<iii", *(round(100 * value) for value in values))

    data = b"Survex 3D Image File\nv7\nold survey\nSun,2002.03.17 14:01:07 GMT\n"
    data += b"\x24\x0f" + point(0, 0, 0)
    data += b"\x80\x05mine." + point(10, 0, 0)  # label "mine."
    data += b"\x20" + struct.pack("<H", 40000) + b"\x80\x00" + point(20, 0, -1)
    data += b"\x42\x011" + point(0, 0, 0)  # "mine.1"
    data += b"\x10\x42\x012" + point(10, 0, 0)  # trim one: "mine.2"
    data += b"\x10\x42\x133-a-much-longer-nam" + point(20, 0, -1)
    data += b"\x00\x30\x06mine.1" + struct.pack("<hhhh", 150, 150, 200, 100)
    path.write_bytes(data + b"\x00\x00")
