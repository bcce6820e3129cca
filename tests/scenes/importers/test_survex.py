"""The .3d reader against Debian's dump3d, and the swept drift: its size, openness and facing."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from scenes.errors import Refused
from scenes.geometry import LinePart, MeshPart
from scenes.importers.contract import ImportOptions
from scenes.importers.registry import read_file
from scenes.importers.survex_items import DUPLICATE, SPLAY, SURFACE, decode
from tests.scenes.importers import make_files
from tests.scenes.importers.harness import real_data
from tests.scenes.importers.make_files import make

OPTIONS = ImportOptions()


def dumped(path: Path) -> dict[str, list[str]]:
    """dump3d's lines by their first word."""
    if shutil.which("dump3d") is None:
        pytest.skip("dump3d (Debian: survex) is not installed")
    text = subprocess.run(["dump3d", str(path)], capture_output=True, text=True, check=True).stdout
    lines: dict[str, list[str]] = {}
    for line in text.splitlines():
        word, _, rest = line.partition(" ")
        lines.setdefault(word, []).append(rest)
    return lines


def compare(path: Path) -> None:
    survey, other = decode(path.read_bytes()), dumped(path)

    def text(position: tuple[int, int, int]) -> str:
        return " ".join(f"{value / 100:.2f}" for value in position)

    assert [f"{text(p)} [{name}]" for name, p, _ in survey.stations] == [
        re.sub(r"\].*", "]", line) for line in other["NODE"]
    ]
    legs = []
    for line in other["LINE"]:
        words = line.rpartition("]")[2].split()
        flags = SPLAY * ("SPLAY" in words) + SURFACE * ("SURFACE" in words)
        legs.append((line.split(" [")[0], flags + DUPLICATE * ("DUPLICATE" in words)))
    assert [(text(end), flags & 0x07) for _, end, flags in survey.legs] == legs
    sections = [
        f"{' '.join(f'{value / 100:.2f}' for value in lrud)} [{name}]"
        for name, lrud in survey.sections
    ]
    assert sections == other.get("XSECT", [])
    assert survey.title in other["TITLE"][0]
    if survey.crs is not None:
        assert other["CS"] == [survey.crs]


@pytest.mark.parametrize("name", ["survey.3d", "old.3d"])
def test_made_surveys_are_read_as_dump3d_reads_them(name: str, tmp_path: Path) -> None:
    compare(make(name, tmp_path))


@pytest.mark.parametrize("name", ["wheal_pell_mine/pell.3d", "dowprov_cave_survex/DowProv.3d"])
def test_real_surveys_are_read_as_dump3d_reads_them(name: str) -> None:
    compare(real_data() / name)


@pytest.mark.parametrize("version", [3, 4, 5, 6, 7])
def test_older_versions_written_by_survex(version: int, tmp_path: Path) -> None:
    if shutil.which("cavern") is None:
        pytest.skip("cavern (Debian: survex) is not installed")
    source = tmp_path / "mine.svx"
    source.write_text(
        "*begin mine\n*fix 1 1000 2000 300\n*entrance 1\n*data normal from to tape compass clino\n"
        "1 2 12.5 090 -2\n2 a.long.station.name.that.is.trimmed 7.1 045 3\n"
        "2 3 9.9 100 1\n3 4 30 100 -10\n*flags splay\n3 5 2.0 180 0\n"
        "*end mine\n*begin mine2\n*fix x 0 0 0\nx y 5 0 0\n*end mine2\n"
    )
    done = subprocess.run(
        ["cavern", f"--3d-version={version}", "-o", str(tmp_path / "mine.3d"), str(source)],
        capture_output=True,
        text=True,
    )
    if done.returncode:
        pytest.skip(f"this cavern does not write version {version}: {done.stdout[-200:]}")
    assert decode((tmp_path / "mine.3d").read_bytes()).version == version
    compare(tmp_path / "mine.3d")


def drift_of(path: Path, options: ImportOptions = OPTIONS) -> MeshPart:
    part = read_file(path, options).parts[0].part
    assert isinstance(part, MeshPart)
    return part


def crossings(mesh: MeshPart, start: np.ndarray, end: np.ndarray) -> int:
    """How many triangles a straight line crosses."""
    a, b, c = (mesh.positions[mesh.triangles[:, i]] for i in range(3))
    ray = end - start
    e1, e2 = b - a, c - a
    p = np.cross(ray, e2)
    det = (e1 * p).sum(axis=1)
    safe = np.where(np.abs(det) < 1e-12, 1.0, det)
    s = start - a
    u = (s * p).sum(axis=1) / safe
    q = np.cross(s, e1)
    v = (ray * q).sum(axis=1) / safe
    t = (e2 * q).sum(axis=1) / safe
    hit = (np.abs(det) > 1e-12) & (u >= 0) & (v >= 0) & (u + v <= 1) & (t > 0) & (t < 1)
    return int(hit.sum())


def wall_at(mesh: MeshPart, start: np.ndarray, direction: np.ndarray) -> float:
    """Distance to the first wall along a direction, found by bisection of crossings."""
    low, high = 0.0, 50.0
    assert crossings(mesh, start, start + high * direction)
    while high - low > 0.01:
        middle = (low + high) / 2
        if crossings(mesh, start, start + middle * direction):
            high = middle
        else:
            low = middle
    return low


def test_junctions_are_open_and_ends_are_closed(tmp_path: Path) -> None:
    mesh = drift_of(make("survey.3d", tmp_path))
    decline = np.array([600001.01, 5500000.02, 300.03])
    far_end = np.array([600058.01, 5500000.02, 299.13])
    branch = np.array([600040.01, 5500028.02, 300.03])
    junction = np.array([600040.01, 5500000.02, 300.03])
    assert crossings(mesh, decline, far_end) == 0
    assert crossings(mesh, junction, branch) == 0
    assert crossings(mesh, junction, branch + np.array([0, 40, 0])) == 1
    # The wall shots, the surface leg and the duplicate made no drift of their own.
    assert mesh.positions[:, 0].min() > 599999 and mesh.positions[:, 1].min() > 5499990


def test_the_drift_has_the_measured_size(tmp_path: Path) -> None:
    mesh = drift_of(make("survey.3d", tmp_path))
    station = np.array([600010.03, 5500000.01, 300.02])
    for direction, distance in (
        ((0, 1, 0), 2),
        ((0, -1, 0), 2),
        ((0, 0, 1), 2.5),
        ((0, 0, -1), 1.5),
    ):
        found = wall_at(mesh, station, np.array(direction, float))
        assert found == pytest.approx(distance, abs=0.12)


def test_the_default_size_is_an_option(tmp_path: Path) -> None:
    path = make("survey.3d", tmp_path)
    branch = np.array([600040.03, 5500029.0, 300.02])
    for width in (3.0, 5.0):
        mesh = drift_of(path, ImportOptions(drift_width=width))
        found = wall_at(mesh, branch, np.array([1.0, 0, 0]))
        assert found == pytest.approx(width / 2, abs=0.15)
    notes = read_file(path, OPTIONS).guesses
    assert notes[0].message_id == "import-guess-drift-size"
    assert notes[0].arguments["measured"] == 3 and notes[0].arguments["default"] == 2


def test_wall_shots_give_the_size_where_nothing_was_measured(tmp_path: Path) -> None:
    writer = make_files.SurvexWriter()
    writer.move(0, 0, 0)
    writer.line(20, 0, 0, survey="m")
    # Three wall shots at each end: left 4 m, right 1 m, up 3 m.
    for east in (0, 20):
        for wall in ((east, 4, 0), (east, -1, 0), (east, 0.1, 3)):
            writer.move(east, 0, 0)
            writer.line(*wall, flags=0x04)
    writer.station("m.1", 0, 0, 0)
    writer.station("m.2", 20, 0, 0)
    writer.write(tmp_path / "a.3d")
    mesh = drift_of(tmp_path / "a.3d")
    middle = np.array([10.03, 0.02, 0.04])
    for direction, distance in (((0, 1, 0), 4), ((0, -1, 0), 1), ((0, 0, 1), 3)):
        assert wall_at(mesh, middle, np.array(direction, float)) == pytest.approx(distance, abs=0.3)


def test_normals_and_triangles_face_the_air(tmp_path: Path) -> None:
    mesh = drift_of(make("survey.3d", tmp_path))
    assert mesh.normals is not None
    np.testing.assert_allclose(np.linalg.norm(mesh.normals, axis=1), 1, atol=1e-3)
    a, b, c = (mesh.positions[mesh.triangles[:, i]] for i in range(3))
    facing = np.cross(b - a, c - a)
    centre = (a + b + c) / 3
    # In the straight part, between stations 1 and 2, the axis is at y = 5,500,000, z = 300.5.
    straight = (centre[:, 0] > 600003) & (centre[:, 0] < 600017)
    inwards = np.array([0, 5500000.0, 300.5]) - centre[straight]
    inwards[:, 0] = 0
    assert np.mean((facing[straight] * inwards).sum(axis=1) > 0) > 0.999
    agree = (mesh.normals[mesh.triangles[:, 0]] * facing).sum(axis=1) > 0
    assert np.mean(agree) > 0.97


def test_a_shaft_is_open_to_the_level_it_meets(tmp_path: Path) -> None:
    writer = make_files.SurvexWriter()
    writer.move(0, 0, 0)
    writer.line(20, 0, 0, survey="m")
    writer.line(20, 0.5, 30)
    writer.line(40, 0.5, 30)
    writer.write(tmp_path / "a.3d")
    mesh = drift_of(tmp_path / "a.3d")
    assert crossings(mesh, np.array([20.02, 0.03, 0.1]), np.array([20.02, 0.52, 29.9])) == 0
    assert crossings(mesh, np.array([10.02, 0.03, 0.1]), np.array([10.02, 0.03, 30])) == 1


def test_the_centreline_is_a_hidden_line_layer(tmp_path: Path) -> None:
    named = read_file(make("survey.3d", tmp_path), OPTIONS).parts[1]
    assert named.hidden and named.kind == "survey"
    assert isinstance(named.part, LinePart) and len(named.part.segments) == 4


def test_people_arrive_on_the_floor_of_the_centreline(tmp_path: Path) -> None:
    imported = read_file(make("survey.3d", tmp_path), OPTIONS)
    assert imported.arrival is not None
    feet = np.array(imported.arrival[0])
    mesh = imported.parts[0].part
    assert isinstance(mesh, MeshPart)
    below = wall_at(mesh, feet + np.array([0.01, 0.02, 1.0]), np.array([0, 0, -1.0]))
    assert below == pytest.approx(1.0, abs=0.15)


def test_a_survey_without_underground_legs_is_refused(tmp_path: Path) -> None:
    writer = make_files.SurvexWriter()
    writer.move(0, 0, 0)
    writer.line(10, 0, 0, flags=0x01, survey="m")
    writer.station("m.1", 0, 0, 0)
    writer.write(tmp_path / "a.3d")
    with pytest.raises(Refused, match="import-no-legs"):
        read_file(tmp_path / "a.3d", OPTIONS)
