"""Decodes the items of a Survex .3d file, versions 3 to 8, into legs, stations and cross-sections.

Written from the format's published description. Never interprets the survey: `survex.py` does.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from scenes.errors import Refused
from scenes.importers.bounded import Cursor, cut_short, damaged

MAGIC = b"Survex 3D Image File"
SURFACE, DUPLICATE, SPLAY = 0x01, 0x02, 0x04  # leg flags
ENTRANCE = 0x04  # station flag
Position = tuple[int, int, int]  # centimetres


@dataclass(slots=True)
class Survey:
    """A decoded file. Positions are whole centimetres, east, north, up.

    legs: (from, to, flags); stations: (name, position, flags) in the order of the file;
    sections: (station name, (left, right, up, down) in centimetres, negative where not measured).
    """

    version: int = 0
    title: str = ""
    crs: str | None = None
    extended: bool = False
    legs: list[tuple[Position, Position, int]] = field(default_factory=list)
    stations: list[tuple[str, Position, int]] = field(default_factory=list)
    sections: list[tuple[str, tuple[int, int, int, int]]] = field(default_factory=list)


class _Reader:
    """What both item codings share: the label buffer, the pen's position and the cursor."""

    def __init__(self, cursor: Cursor, survey: Survey) -> None:
        self.cursor = cursor
        self.survey = survey
        self.label = b""
        self.pen: Position | None = None

    def position(self) -> Position:
        east, north, up = self.cursor.numbers("<iii")
        return east, north, up

    def move(self) -> None:
        self.pen = self.position()

    def line(self, flags: int) -> None:
        target = self.position()
        if self.pen is None:
            raise damaged("LINE before any MOVE")
        self.survey.legs.append((self.pen, target, flags))
        self.pen = target

    def station(self, flags: int) -> None:
        self.survey.stations.append((self.name(), self.position(), flags))

    def section(self, wide: bool) -> None:
        left, right, up, down = self.cursor.numbers("<iiii" if wide else "<hhhh")
        self.survey.sections.append((self.name(), (left, right, up, down)))

    def name(self) -> str:
        return self.label.decode("utf-8", "replace")


class _Version8(_Reader):
    def __init__(self, cursor: Cursor, survey: Survey) -> None:
        super().__init__(cursor, survey)
        self.style = -1

    def change_label(self) -> None:
        """Cut `cut` bytes from the end of the label, then add `add` new ones."""
        head = self.cursor.byte()
        if head:
            cut, add = head >> 4, head & 0x0F
        else:
            cut, add = self.length(), self.length()
        if cut > len(self.label):
            raise damaged("label cut shorter than empty")
        self.label = self.label[: len(self.label) - cut] + self.cursor.take(add)

    def length(self) -> int:
        value = self.cursor.byte()
        return self.cursor.numbers("<I")[0] if value == 0xFF else value

    def item(self) -> bool:
        """Read one item; False at the end mark."""
        code = self.cursor.byte()
        if code >= 0x80:
            self.change_label()
            self.station(code & 0x7F)
        elif code >= 0x40:
            if not code & 0x20:
                self.change_label()
            self.line(code & 0x1F)
        elif code <= 0x04:
            if code == 0 and self.style == 0:
                return False
            self.style = code
        elif code == 0x0F:
            self.move()
        elif code in _DATES_8:
            self.cursor.take(_DATES_8[code])
        elif 0x30 <= code <= 0x33:
            self.change_label()
            self.section(wide=code >= 0x32)
        else:
            raise damaged(f"item {code:#04x}")
        return True


# Bytes that follow each date or error item, which we have no use for.
_DATES_8 = {0x10: 0, 0x11: 2, 0x12: 3, 0x13: 4, 0x1F: 20}
_DATES_7 = {0x20: 2, 0x21: 3, 0x22: 20, 0x23: 4, 0x24: 0}
_DATES_OLD = {0x20: 4, 0x21: 8, 0x22: 20}
_MAX_LABEL = 65536


class _Version3To7(_Reader):
    def append_label(self) -> None:
        length = self.cursor.byte()
        if length == 0xFE:
            length += self.cursor.numbers("<H")[0]
        elif length == 0xFF:
            length = self.cursor.numbers("<I")[0]
        self.label += self.cursor.take(length)
        if len(self.label) > _MAX_LABEL:
            raise damaged("label without end")

    def trim(self, code: int) -> None:
        if code >= 0x10:  # the last 1 to 16 characters
            count = code - 15
            if len(self.label) <= count:
                raise damaged("label cut shorter than empty")
            self.label = self.label[:-count]
            return
        # The last 16 characters, then back to the code-th dot.
        rest = self.label[: max(len(self.label) - 17, 0)]
        for _ in range(code):
            dot = rest.rfind(b".")
            if dot < 0:
                raise damaged("label cut shorter than empty")
            kept, rest = rest[: dot + 1], rest[:dot]
        self.label = kept

    def item(self) -> bool:
        """Read one item; False at the end mark."""
        code = self.cursor.byte()
        if code >= 0xC0:
            raise damaged(f"item {code:#04x}")
        if code >= 0x80:
            self.append_label()
            self.line(code & 0x3F)
        elif code >= 0x40:
            self.append_label()
            self.station(code & 0x3F)
        elif code == 0:
            if not self.label:
                return False
            self.label = b""
        elif code == 0x0F:
            self.move()
        elif code < 0x20:
            self.trim(code)
        elif 0x30 <= code <= 0x33 and self.survey.version >= 5:
            self.append_label()
            self.section(wide=code >= 0x32)
        else:
            dates = _DATES_7 if self.survey.version >= 7 else _DATES_OLD
            if code not in dates:
                raise damaged(f"item {code:#04x}")
            self.cursor.take(dates[code])
        return True


def _header(cursor: Cursor) -> Survey:
    if cursor.line() != MAGIC:
        raise damaged("not a Survex 3D image file")
    word = cursor.line().strip()
    if word not in {b"v3", b"v4", b"v5", b"v6", b"v7", b"v8"}:
        raise Refused(
            "import-version", version=f".3d {word.decode('ascii', 'replace')[:20]}", known="v3-v8"
        )
    survey = Survey(version=int(word[1:]))
    fields = cursor.line().split(b"\0")
    survey.title = fields[0].decode("utf-8", "replace")
    if survey.version == 8 and len(fields) > 1 and fields[1]:
        survey.crs = fields[1].decode("utf-8", "replace")
    cursor.line()  # the time of writing
    if survey.version == 8:
        survey.extended = bool(cursor.byte() & 0x80)
    else:
        survey.extended = survey.title.endswith("(extended)")
    return survey


def decode(data: bytes) -> Survey:
    """Decode a whole .3d file. Raises `Refused` where it is cut short or not a .3d file."""
    cursor = Cursor(data)
    survey = _header(cursor)
    reader = _Version8(cursor, survey) if survey.version == 8 else _Version3To7(cursor, survey)
    while reader.item():
        if not cursor.left:
            raise cut_short("end mark", f"{len(data)} B")
    return survey
