"""Test vectors of poses: quantities one by one, a member's frames, and batches of several members.

Made by the encoders that the server and the clients use; knows no file.
"""

from __future__ import annotations

import math
from typing import Any, Final

from sync_server.wire.poses import (
    EVERYTHING,
    BatchDecoder,
    MemberPose,
    Placed,
    PoseEncoder,
    PoseParts,
    batch,
    take_member_frame,
)
from sync_server.wire.quantise import (
    ORIENTATION_ERROR_DEG,
    STEP,
    Cell,
    Quaternion,
    Vector,
    cell_of,
    needs_new_cell,
    pack_cell,
    pack_offset,
    pack_pointer,
    pack_quaternion,
    unpack_cell,
    unpack_offset,
    unpack_pointer,
    unpack_quaternion,
)

NOW_MS: Final = 1_795_449_474_104
WRAP_MS: Final = 418 * 2**32 - 30  # the 32 bits of a member's time run over within 30 ms
HALF: Final = math.sqrt(0.5)
LEVEL: Final[Quaternion] = (1.0, 0.0, 0.0, 0.0)
LEFT_TURN: Final[Quaternion] = (HALF, 0.0, 0.0, HALF)
ODD_TURN: Final[Quaternion] = (0.1, -0.7, 0.5, -0.2)
Json = dict[str, Any]


def _hex(data: bytes) -> str:
    return data.hex()


def _pose(pose: MemberPose) -> Json:
    def placed(one: Placed | None) -> Json | None:
        if one is None:
            return None
        return {"position": list(one.position), "orientation": list(one.orientation)}

    return {
        "head": placed(pose.head),
        "left": placed(pose.left),
        "right": placed(pose.right),
        "pointer": pose.pointer and list(pose.pointer),
    }


# -- one by one --------------------------------------------------------------------------------

_CELLS: Final[tuple[Cell, ...]] = (
    (0, 0, 0),
    (3, -1, 0),
    (-1024, -1024, -512),
    (1023, 1023, 511),
    (-1, 1023, -512),
)
_NEAREST: Final[tuple[tuple[Vector, Cell], ...]] = (
    ((0.0, 0.0, 1.7), (0, 0, 0)),
    ((15.9, -15.9, 16.1), (0, 0, 0)),
    ((23.9, -23.9, 0.0), (0, 0, 0)),
    ((24.0, 0.0, 0.0), (0, 0, 0)),
    ((24.1, 0.0, 0.0), (0, 0, 0)),
    ((0.0, 0.0, -24.1), (0, 0, 0)),
    ((99_999.0, -99_999.0, 99_999.0), (1023, -1024, 511)),
)
_OFFSETS: Final[tuple[tuple[Vector, Cell], ...]] = (
    ((0.0, 0.0, 0.0), (0, 0, 0)),
    ((100.25, -32.5, 1.7), (3, -1, 0)),
    ((STEP, -STEP, 0.4 * STEP), (0, 0, 0)),
    ((31.9990234375, -31.9990234375, 0.0), (0, 0, 0)),
    ((40.0, -40.0, 32.0), (0, 0, 0)),
    ((32_740.0, -32_780.0, 16_360.0), (1023, -1024, 511)),
)
_ORIENTATIONS: Final[tuple[Quaternion, ...]] = (
    LEVEL,
    (-1.0, 0.0, 0.0, 0.0),
    (0.0, 1.0, 0.0, 0.0),
    (0.0, 0.0, -1.0, 0.0),
    (0.0, 0.0, 0.0, 1.0),
    (0.9238795, 0.0, 0.0, 0.3826834),
    ODD_TURN,
    (0.5, 0.5, 0.5, 0.5),
    (-0.5, 0.5, -0.5, 0.5),
    (2.0, 0.0, 0.0, -0.25),
)
_POINTERS: Final[tuple[tuple[Vector, Cell], ...]] = (
    ((1.0, 2.0, 3.0), (0, 0, 0)),
    ((130.0, -10.0, 2.0), (3, -1, 0)),
    ((0.0, 0.0, 0.0), (0, 0, 0)),
    ((15.999, -15.999, 0.0), (0, 0, 0)),
    ((16.001, -0.2, 0.3), (0, 0, 0)),
    ((63.9, -63.9, 1.1), (0, 0, 0)),
    ((250.0, 250.3, -250.7), (0, 0, 0)),
    ((1_000.0, 30.0, -4.0), (0, 0, 0)),
    ((-4_000.0, 30.0, -4.0), (0, 0, 0)),
    ((16_000.0, 30.0, -4.0), (0, 0, 0)),
    ((-65_000.0, 30.0, -4.0), (0, 0, 0)),
    ((262_000.0, -262_000.0, 9.0), (0, 0, 0)),
    ((400_000.0, 1.0, 2.0), (0, 0, 0)),
)


def quantities() -> Json:
    """Cells, offsets, orientations and pointers, each with its bytes and what they say."""
    bare = bytes.fromhex("ffffffff")
    return {
        "about": (
            "Parts of poses one by one. `hex` is what a sender makes of the value, `back` what "
            "a receiver reads; compare positions within 1e-6 m and orientations within 1e-6 (q "
            "and -q are the same). No value lies within a rounding's tie, so the bytes are "
            "exact."
        ),
        "position_error_m": STEP / 2,
        "orientation_error_deg": ORIENTATION_ERROR_DEG,
        "cells": [{"cell": list(one), "hex": _hex(pack_cell(one))} for one in _CELLS],
        "nearest": [
            {
                "position": list(position),
                "nearest": list(cell_of(position)),
                "held": list(held),
                "needs_new": needs_new_cell(position, held),
            }
            for position, held in _NEAREST
        ],
        "offsets": [
            {
                "position": list(position),
                "cell": list(cell),
                "hex": _hex(pack_offset(position, cell)),
                "back": list(unpack_offset(pack_offset(position, cell), cell)),
            }
            for position, cell in _OFFSETS
        ],
        "orientations": [
            {
                "quaternion": list(one),
                "hex": _hex(pack_quaternion(one)),
                "back": list(unpack_quaternion(pack_quaternion(one))),
            }
            for one in _ORIENTATIONS
        ],
        "orientations_read_only": [
            {
                "about": "no sender makes it; it still is a rotation",
                "hex": _hex(data),
                "back": list(unpack_quaternion(data)),
            }
            for data in (bytes(4), bare, bytes.fromhex("00000040"), bytes.fromhex("ffffff3f"))
        ],
        "pointers": [
            {
                "position": list(position),
                "cell": list(cell),
                "hex": _hex(pack_pointer(position, cell)),
                "back": list(unpack_pointer(pack_pointer(position, cell), cell)),
            }
            for position, cell in _POINTERS
        ],
        "cells_read_only": [
            {"hex": _hex(data), "cell": list(unpack_cell(data))} for data in (bytes(4), bare)
        ],
    }


# -- a member's frames -------------------------------------------------------------------------


def _walk() -> list[MemberPose]:
    """East through two anchors, one step a pose."""
    return [
        MemberPose(Placed((east, -3.2, 1.65), LEFT_TURN), Placed((east - 0.3, -3.0, 1.1)))
        for east in (22.0, 23.5, 25.1, 25.2, 57.9)
    ]


_HAND: Final = Placed((0.3, 0.4, 1.2), ODD_TURN)
_STILL: Final = MemberPose(Placed((1.0, 2.0, 1.6), LEVEL))
_WITH_HAND: Final = MemberPose(Placed((1.0, 2.0, 1.6), LEVEL), None, _HAND)
_SEQUENCES: Final[tuple[tuple[str, str, int, list[MemberPose]], ...]] = (
    ("still", "Everything once, the head once more, then nothing.", NOW_MS, [_STILL] * 4),
    (
        "head only",
        "Only what changed is sent; one step of the quantiser is a change, half a one is none.",
        NOW_MS,
        [
            _STILL,
            MemberPose(Placed((1.0 + STEP, 2.0, 1.6))),
            MemberPose(Placed((1.0 + 1.4 * STEP, 2.0, 1.6))),
            MemberPose(Placed((1.0 + 1.4 * STEP, 2.0, 1.6), LEFT_TURN)),
        ],
    ),
    (
        "hands come and go",
        "A hand that is gone is sent as absent, once.",
        NOW_MS,
        [_STILL, _WITH_HAND, _WITH_HAND, _STILL, _STILL],
    ),
    (
        "anchors",
        "A head 24 m from its anchor takes a new one: all is sent.",
        NOW_MS,
        _walk(),
    ),
    (
        "laser",
        "Near, far, through the sky, off.",
        NOW_MS,
        [
            MemberPose(_STILL.head, pointer=point)
            for point in ((1.5, 4.0, 0.2), (1.6, 90.0, 3.0), (2.0e3, 5.1e4, 9.0), None)
        ],
    ),
    ("time runs over", "The 32 bits of time begin anew.", WRAP_MS, _walk()[:3]),
    (
        "all at once",
        "Head, both hands and laser move with every frame: 46 bytes, then 42.",
        NOW_MS,
        [
            MemberPose(
                Placed((-500.0 + 0.1 * i, 700.3, -80.2), ODD_TURN),
                Placed((-500.2, 700.5 + 0.1 * i, -80.9), LEFT_TURN),
                Placed((-499.7, 700.6, -80.8 + 0.1 * i), (0.2, 0.3, 0.4, 0.8)),
                (-480.0 - 0.5 * i, 720.0, -81.0),
            )
            for i in range(3)
        ],
    ),
)


def _sequence(name: str, about: str, start: int, poses: list[MemberPose]) -> Json:
    encoder, state, decoder = PoseEncoder(), PoseParts(), BatchDecoder()
    steps: list[Json] = []
    for index, pose in enumerate(poses):
        time_ms = start + 50 * index
        frame = encoder.encode(pose, time_ms)
        step: Json = {"time_ms": time_ms, "pose": _pose(pose), "frame": frame and _hex(frame)}
        if frame is not None:
            state.changed = 0
            take_member_frame(state, frame, time_ms + 12)
            data = batch([state.record(5, state.changed, time_ms + 20)], time_ms + 20)
            (sample,) = decoder.decode(data)
            step |= {
                "batch": _hex(data),
                "shown": {
                    "number": sample.number,
                    "time_ms": sample.time_ms,
                    "pose": _pose(sample.pose),
                },
            }
        steps.append(step)
    return {"name": name, "about": about, "steps": steps}


def member_frames() -> Json:
    """Sequences of poses with the frames that they become and what others are shown."""
    return {
        "about": (
            "Each sequence is one connection from its start. `frame` is what a member sends "
            "for `pose` at room time `time_ms` (null: nothing). `batch` is what a server made "
            "of it, with the member as number 5, 20 ms later; a receiver that keeps the parts "
            "from batch to batch shows `shown`. Compare positions within 1e-6 m."
        ),
        "sequences": [_sequence(*one) for one in _SEQUENCES],
    }


# -- batches -----------------------------------------------------------------------------------


class _Crowd:
    """Some members as a server knows them, and one receiver."""

    def __init__(self) -> None:
        self.members: dict[int, tuple[PoseEncoder, PoseParts]] = {}
        self.decoder = BatchDecoder()
        self.steps: list[Json] = []

    def moves(self, number: int, pose: MemberPose, time_ms: int) -> None:
        encoder, state = self.members.setdefault(number, (PoseEncoder(), PoseParts()))
        frame = encoder.encode(pose, time_ms)
        assert frame is not None
        take_member_frame(state, frame, time_ms + 3)

    def flush(self, about: str, now_ms: int, whole: bool = False) -> None:
        """A batch of what changed, or of everything."""
        records = []
        for number, (_encoder, state) in self.members.items():
            mask = EVERYTHING if whole else state.changed
            if mask:
                records.append(state.record(number, mask, now_ms))
            state.changed = 0
        self.hears(about, batch(records, now_ms))

    def hears(self, about: str, data: bytes) -> None:
        shown = [
            {"number": one.number, "time_ms": one.time_ms, "pose": _pose(one.pose)}
            for one in self.decoder.decode(data)
        ]
        self.steps.append({"about": about, "hex": _hex(data), "shown": shown})

    def forget(self, number: int) -> None:
        self.members.pop(number, None)
        self.decoder.forget(number)
        self.steps.append({"about": "the member has left", "forget": number})


def batches() -> Json:
    """Sequences of batches from several members, with the poses to be shown after each."""
    crowd = _Crowd()
    crowd.moves(1, _STILL, NOW_MS)
    crowd.moves(300, _WITH_HAND, NOW_MS + 1)
    crowd.flush("two members come", NOW_MS + 10)
    crowd.moves(300, _STILL, NOW_MS + 51)
    crowd.flush("one lowers a hand; the other stands still", NOW_MS + 60)
    crowd.flush(
        "everything again, for somebody who missed some: ages in steps of 8", NOW_MS + 900, True
    )
    crowd.flush("and much later: ages stop at 1144", NOW_MS + 2000, True)
    crowd.forget(300)
    crowd.moves(300, MemberPose(Placed((-40.0, 12.0, 5.0), LEFT_TURN)), NOW_MS + 2050)
    crowd.flush("somebody else has the number now", NOW_MS + 2060)
    moved = PoseParts()
    encoder = PoseEncoder()
    for east in (3.0, 3.5):
        frame = encoder.encode(MemberPose(Placed((east, 0.0, 1.6))), NOW_MS + 970)
        assert frame is not None
        moved.changed = 0
        take_member_frame(moved, frame, NOW_MS + 970)
    later = _Crowd()
    later.hears(
        "a head without an anchor: of somebody who cannot be placed yet",
        batch([moved.record(9, moved.changed, NOW_MS + 980)], NOW_MS + 980),
    )
    later.hears(
        "and everything of it", batch([moved.record(9, EVERYTHING, NOW_MS + 990)], NOW_MS + 990)
    )
    later.hears("nobody moves", batch([], NOW_MS + 1000))
    return {
        "about": (
            "Each sequence is what one receiver hears from its start; it keeps parts from "
            "batch to batch and drops them at `forget`. `shown` lists the entries whose member "
            "can be placed, in order. Compare positions within 1e-6 m."
        ),
        "sequences": [
            {"name": "coming and going", "steps": crowd.steps},
            {"name": "in the middle", "steps": later.steps},
        ],
    }
