"""Property: a file cut short at random places is refused by name, or imported with a warning."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from tests.scenes.importers.harness import REAL_FILES, Run, real_data, run_twin
from tests.scenes.importers.make_files import MAKERS, make

CUTS = 20
SLOWEST_S = 10.0
NO_END_MARK = {".obj"}


def places(data: bytes, seed: str) -> list[int]:
    """Where to cut: random, and never only the blank end of the file, which nobody would miss."""
    end = len(data.rstrip(b"\n\r \t\0")) if seed.endswith((".obj", ".dae", ".gltf", ".stl")) else 0
    chosen = random.Random(seed)
    return [chosen.randrange(0, (end or len(data))) for _ in range(CUTS)]


def check(run: Run, name: str, twin: Path, data: bytes) -> None:
    report = run.result["files"][0]
    if run.status == 2:
        assert report["status"] == "refused"
        assert name in report["message"] and name in run.said
        assert report["bounds"] is None
        assert not twin.exists()
        assert run.result["twin"] is None
    else:
        # Only a text format without counts may pass, and then with a word about it; a cut exactly
        # between two lines leaves nothing to tell.
        assert run.status == 0
        at_line_end = Path(name).suffix in NO_END_MARK and data.endswith(b"\n")
        assert report["message"] or at_line_end, f"{name} cut to {len(data)} B"
    leftovers = [p.name for p in twin.parent.iterdir() if p.name.startswith(".")]
    assert not leftovers, "no half-written twin stays behind"


def cut_everywhere(source: Path, folder: Path) -> None:
    data = source.read_bytes()
    for number, place in enumerate(places(data, source.name)):
        home = folder / str(number)
        home.mkdir()
        path = home / source.name
        path.write_bytes(data[:place])
        for beside in ("room.bin", "room.mtl"):
            if (source.parent / beside).is_file():
                (home / beside).write_bytes((source.parent / beside).read_bytes())
        before = time.monotonic()
        run = run_twin("import", path, "--out", home / "twin")
        assert time.monotonic() - before < SLOWEST_S
        check(run, source.name, home / "twin", data[:place])


@pytest.mark.parametrize("name", MAKERS)
def test_made_files_cut_short(name: str, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    cut_everywhere(make(name, source), tmp_path)


@pytest.mark.parametrize("name", REAL_FILES)
def test_real_files_cut_short(name: str, tmp_path: Path) -> None:
    path = real_data() / name
    if not path.is_file():
        pytest.skip(f"{name} is not among the real data")
    cut_everywhere(path, tmp_path)


def test_the_buffer_beside_a_gltf_cut_short(tmp_path: Path) -> None:
    path = make("beside.gltf", tmp_path)
    binary = (tmp_path / "room.bin").read_bytes()
    (tmp_path / "room.bin").write_bytes(binary[:-5])
    run = run_twin("import", path, "--out", tmp_path / "twin")
    assert run.status == 2 and "beside.gltf" in run.result["files"][0]["message"]


def test_every_cut_of_a_small_survey(tmp_path: Path) -> None:
    """Not twenty places but all: the coding is dense, and every byte means something."""
    from scenes.errors import Refused
    from scenes.importers.survex_items import decode

    data = make("survey.3d", tmp_path).read_bytes()
    decode(data)
    for end in range(len(data)):
        with pytest.raises(Refused):
            decode(data[:end])
