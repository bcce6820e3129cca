"""tests/vectors is what the code makes today, covers the protocol, and is right for any client."""

from __future__ import annotations

import json
import subprocess
from typing import Any, get_args

import pytest

from sync_server.wire.messages import MemberMessage, ServerMessage, decode_member
from sync_server.wire.poses import ANCHOR, HEAD, LEFT, POINTER, RIGHT
from sync_server.wire.quantise import ORIENTATION_ERROR_DEG, POSITION_ERROR_M, pointer_error
from tests import node
from tools import make_vectors
from vr_app.session.clock import ClockEstimate


def read(name: str) -> Any:
    return json.loads((make_vectors.FOLDER / name).read_text(encoding="utf-8"))


def test_the_files_are_what_the_code_makes_today() -> None:
    made = make_vectors.files()
    assert sorted(made) == sorted(path.name for path in make_vectors.FOLDER.iterdir())
    for name, content in made.items():
        stored = (make_vectors.FOLDER / name).read_text(encoding="utf-8")
        assert stored == content, f"{name} is stale: run python tools/make_vectors.py"


def test_every_type_of_message_is_among_them() -> None:
    found = {(one["from"], one["message"]["type"]) for one in read("messages.json")["messages"]}
    for sender, union in (("member", MemberMessage), ("server", ServerMessage)):
        for model in get_args(union):
            assert (sender, model.model_fields["type"].default) in found


def test_every_part_of_a_pose_comes_alone_and_with_others() -> None:
    masks = {
        bytes.fromhex(step["frame"])[1]
        for sequence in read("poses.json")["sequences"]
        for step in sequence["steps"]
        if step["frame"]
    }
    everything = ANCHOR | HEAD | LEFT | RIGHT | POINTER
    assert {everything, HEAD, RIGHT, POINTER, HEAD | LEFT} <= masks


def test_what_is_shown_is_what_was_meant() -> None:
    for sequence in read("poses.json")["sequences"]:
        for step in sequence["steps"]:
            if step["frame"] is None:
                continue
            meant, shown = step["pose"], step["shown"]["pose"]
            for part in ("head", "left", "right"):
                assert (meant[part] is None) == (shown[part] is None)
                if meant[part] is not None:
                    assert shown[part]["position"] == pytest.approx(
                        meant[part]["position"], abs=POSITION_ERROR_M + 1e-9
                    )
            assert (meant["pointer"] is None) == (shown["pointer"] is None)
            if meant["pointer"] is not None:
                reach = max(abs(value) for value in meant["pointer"]) + 1100
                assert shown["pointer"] == pytest.approx(
                    meant["pointer"], abs=pointer_error(reach) + 1e-9
                )
    assert read("quantities.json")["orientation_error_deg"] == ORIENTATION_ERROR_DEG


def test_our_own_estimate_of_the_clock_is_as_good_as_the_vectors_ask() -> None:
    for sequence in read("clock.json")["sequences"]:
        estimate = ClockEstimate()
        for step in sequence["steps"]:
            estimate.take(step["sent"], step["received"], step["time"])
            best = step["best"]
            if best is None:
                assert estimate.offset is None
                continue
            assert estimate.offset == pytest.approx(best["offset"], abs=best["round_trip"] / 2)
            assert estimate.round_trip == pytest.approx(best["round_trip"], abs=1e-6)


def test_the_javascript_client_passes_them() -> None:
    script = make_vectors.ROOT / "tests" / "js" / "vectors.mjs"
    done = subprocess.run(
        [node.require(), str(script)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    counts = {line.split(":")[0]: int(line.split()[1]) for line in done.stdout.splitlines()}
    assert sorted(f"{name}.json" for name in counts) == sorted(make_vectors.files())
    assert all(counts.values())


def test_a_server_reads_what_the_javascript_client_writes() -> None:
    script = make_vectors.ROOT / "tests" / "js" / "vectors.mjs"
    done = subprocess.run(
        [node.require(), str(script), "--encodings"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    meant = {
        one["name"]: one["message"]
        for one in read("messages.json")["messages"]
        if one["from"] == "member"
    }
    written = {one["name"]: bytes.fromhex(one["hex"]) for one in json.loads(done.stdout)}
    assert written.keys() == meant.keys()
    for name, data in written.items():
        assert decode_member(data).model_dump() == meant[name]
