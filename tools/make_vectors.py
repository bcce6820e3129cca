"""Writes tests/vectors/*.json: bytes and what they mean, to check any client of the protocol with.

Everything comes out of the real encoders and decoders; nothing is random, so that a change of the
files is a change of the protocol. Run it after one: `python tools/make_vectors.py`.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

from sync_server.wire.errors import Malformed  # noqa: E402
from sync_server.wire.messages import Bye, decode_member, encode  # noqa: E402
from sync_server.wire.poses import (  # noqa: E402
    POSE_FRAME,
    BatchDecoder,
    MemberPose,
    Placed,
    PoseEncoder,
    PoseParts,
    batch,
    take_member_frame,
)
from tools.message_vectors import MALFORMED_MESSAGES, messages  # noqa: E402
from tools.pose_vectors import NOW_MS, batches, member_frames, quantities  # noqa: E402

FOLDER: Final = ROOT / "tests" / "vectors"
Json = dict[str, Any]


def _refusal(data: bytes) -> Json:
    """What a server says to these bytes from a member that is in."""
    try:
        if data[:1] == bytes((POSE_FRAME,)):
            take_member_frame(PoseParts(), data, NOW_MS)
        else:
            decode_member(data)
    except Malformed as error:
        return {"message_id": error.message_id, "arguments": error.arguments}
    raise AssertionError(f"not refused: {data.hex()}")


def _frame() -> bytes:
    frame = PoseEncoder().encode(MemberPose(Placed((1.0, 2.0, 1.6))), NOW_MS)
    assert frame is not None
    return frame


def _batch() -> bytes:
    state = PoseParts()
    take_member_frame(state, _frame(), NOW_MS)
    return batch([state.record(5, state.changed, NOW_MS)], NOW_MS)


def malformed() -> Json:
    """What is refused, by whom, and with which reason."""
    frame, whole = _frame(), _batch()
    member = dict(MALFORMED_MESSAGES) | {
        "pose: cut off": frame[:-1],
        "pose: too long": frame + b"\x00",
        "pose: a strange bit in the mask": frame[:1] + b"\x3f" + frame[2:],
        "pose: shorter than its header": frame[:5],
        "pose: the first without an anchor": bytes((POSE_FRAME, 0x02)) + frame[2:6] + frame[10:20],
    }
    server = {
        "batch: ends within an entry": whole[:-1],
        "batch: ends within an entry's header": whole + b"\x01\x00",
        "batch: shorter than its header": whole[:8],
        "batch: a strange bit in a mask": whole[:11] + b"\x20" + whole[12:13],
        "message: cut off": bytes.fromhex("82a474797065a4706f6e67a473656e74"),
        "message: no map": b"\x93\x01\x02\x03",
        "message: something follows": encode(Bye()) + b"\x00",
    }
    for name, data in server.items():
        if name.startswith("batch"):
            try:
                list(BatchDecoder().decode(data))
            except Malformed:
                continue
            raise AssertionError(name)
    return {
        "about": (
            "Bytes that are none of the protocol. `from_member`: sent by a member that is in, "
            "each on a connection that has sent no pose; the server answers `error` with this "
            "id and these arguments. `from_server`: a client refuses them, and comes back on a "
            "new connection."
        ),
        "from_member": [
            {"name": name, "hex": data.hex(), "refusal": _refusal(data)}
            for name, data in member.items()
        ],
        "from_server": [{"name": name, "hex": data.hex()} for name, data in server.items()],
    }


_EXCHANGES: Final[dict[str, list[tuple[float, float, float]]]] = {
    "symmetric": [(10.0, 10.08, 1_000_000.04), (12.0, 12.02, 1_000_002.01)],
    "the shortest wins": [
        (5.0, 5.3, 2_000.25),
        (7.0, 7.1, 2_002.051),
        (9.0, 9.4, 2_004.4),
        (11.0, 11.12, 2_006.06),
    ],
    "a negative round trip is thrown away": [(3.0, 2.5, 50.0), (4.0, 4.5, 51.25)],
    "a clock that began long ago": [(1.7e9, 1.7e9 + 0.25, 1.7e9 - 3.875)],
}


def clock() -> Json:
    """Exchanges of the clock, and what each says."""
    sequences = []
    for name, exchanges in _EXCHANGES.items():
        best: tuple[float, float] | None = None
        steps = []
        for sent, received, time in exchanges:
            step: Json = {"sent": sent, "received": received, "time": time}
            if received >= sent:
                step |= {"round_trip": received - sent, "offset": time - (sent + received) / 2}
                best = min(best or (math.inf, 0.0), (step["round_trip"], step["offset"]))
            steps.append(step | {"best": best and {"round_trip": best[0], "offset": best[1]}})
        sequences.append({"name": name, "steps": steps})
    return {
        "about": (
            "Local times of sending a ping and of receiving its pong, and the pong's room "
            "time. `offset` is what the exchange says of room time minus local time (an "
            "exchange without one is thrown away), `best` the one with the shortest round trip "
            "so far (null: none yet). A client's estimate may differ from `best.offset` by "
            "half of `best.round_trip` at most. Seconds; compare within 1e-6."
        ),
        "sequences": sequences,
    }


def files() -> dict[str, str]:
    """The content of every file of tests/vectors by its name."""
    made = {
        "messages.json": messages(),
        "quantities.json": quantities(),
        "poses.json": member_frames(),
        "batches.json": batches(),
        "malformed.json": malformed(),
        "clock.json": clock(),
    }
    return {
        name: json.dumps(content, ensure_ascii=False, indent=1) + "\n"
        for name, content in made.items()
    }


def main() -> int:
    """Write the files, or with --check only say whether they are up to date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; 1 where one is stale")
    options = parser.parse_args()
    stale = 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, content in files().items():
        path = FOLDER / name
        if options.check:
            stale |= not path.is_file() or path.read_text(encoding="utf-8") != content
        else:
            path.write_text(content, encoding="utf-8")
    return int(stale)


if __name__ == "__main__":
    sys.exit(main())
