"""Pictures of a layer: every level keeps them, in place, and broken ones cost a warning."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from scenes.bake.layer import TreeSettings, bake_layer
from scenes.bake.whole_twin import bake_twin
from scenes.geometry import ImageSource, MeshPart
from scenes.importers.contract import ImportOptions
from scenes.importers.into_twin import TwinImport
from scenes.tiles.glb import TileGeometry, parse_glb
from scenes.tiles.tileset import Tile, read_tileset
from scenes.twin import open_twin

Image = pytest.importorskip("PIL.Image")

SPAN = 64.0  # metres along the ground's side
PIXELS = 512


def shade(east: np.ndarray, north: np.ndarray) -> np.ndarray:
    """What the picture shows at a place: (n, 3) sRGB that differ smoothly everywhere."""
    return np.stack(
        [east / SPAN * 200 + 20, north / SPAN * 200 + 20, 128 + 80 * np.sin(east / 9)], axis=-1
    )


def height(east: np.ndarray, north: np.ndarray) -> np.ndarray:
    """Ground with a steep step, so that there are charts of several directions."""
    return 8 / (1 + np.exp(-(east - SPAN / 2) / 0.7)) + np.sin(north / 5)


def picture(folder: Path, name: str = "ground.png") -> Path:
    middle = (np.arange(PIXELS) + 0.5) / PIXELS * SPAN
    east, north = np.meshgrid(middle, middle[::-1])
    path = folder / name
    Image.fromarray(shade(east, north).astype(np.uint8)).save(path)
    return path


def ground(image: Path, side: int = 100) -> MeshPart:
    steps = np.linspace(0, SPAN, side + 1)
    east, north = (one.ravel() for one in np.meshgrid(steps, steps))
    corner = (np.arange(side)[:, None] * (side + 1) + np.arange(side)).ravel()
    triangles = np.concatenate(
        [
            np.stack([corner, corner + 1, corner + side + 1], axis=1),
            np.stack([corner + 1, corner + side + 2, corner + side + 1], axis=1),
        ]
    )
    return MeshPart(
        np.stack([east, north, height(east, north)], axis=1),
        triangles.astype(np.uint32),
        texcoords=np.stack([east / SPAN, 1 - north / SPAN], axis=1).astype(np.float32),
        image=ImageSource(image),
    )


def tiles(folder: Path) -> list[tuple[Tile, TileGeometry]]:
    root, _ = read_tileset((folder / "tileset.json").read_bytes(), "tileset.json")
    found, pending = [], [root]
    while pending:
        tile = pending.pop()
        pending += tile.children
        if tile.content is not None:
            data = (folder / tile.content).read_bytes()
            found += [(tile, one) for one in parse_glb(data, tile.content)]
    return found


def looked_up(geometry: TileGeometry) -> tuple[np.ndarray, np.ndarray]:
    """(places (n, 3), colours (n, 3)) at the middle of every triangle."""
    assert geometry.texcoords is not None and geometry.image is not None
    corners = geometry.indices.reshape(-1, 3)
    pixels = geometry.image.pixels
    uv = geometry.texcoords[corners].mean(axis=1)
    column = (uv[:, 0] * pixels.shape[1]).astype(int)
    row = (uv[:, 1] * pixels.shape[0]).astype(int)
    return geometry.positions[corners].mean(axis=1), pixels[row, column].astype(float)


def test_every_level_shows_the_picture_where_it_was(tmp_path: Path) -> None:
    part = ground(picture(tmp_path))
    baked = bake_layer(tmp_path / "g", [part], (0, 0, 0), settings=TreeSettings(leaf=1500))
    found = tiles(tmp_path / "g")
    assert baked.unread_pictures == [] and baked.triangles == len(part.triangles)
    inner = [one for tile, one in found if tile.children]
    assert inner and all(one.image is not None for _, one in found)
    for tile, geometry in found:
        places, colours = looked_up(geometry)
        wrong = np.abs(colours - shade(places[:, 0], places[:, 1])).max(axis=1)
        # A texel of an upper level is up to two metres wide, and steep places move.
        allowed = 8 if not tile.children else 20
        assert np.quantile(wrong, 0.99) <= allowed, (tile.content, np.quantile(wrong, 0.99))
        assert max(geometry.image.pixels.shape[:2]) <= 1024  # type: ignore[union-attr]


def test_upper_levels_have_fewer_texels_and_say_so_in_their_error(tmp_path: Path) -> None:
    bake_layer(
        tmp_path / "g", [ground(picture(tmp_path))], (0, 0, 0), settings=TreeSettings(leaf=1500)
    )
    found = tiles(tmp_path / "g")
    root, leaf = found[0], next(pair for pair in found if not pair[0].children)

    def texel_m(geometry: TileGeometry) -> float:
        corners = geometry.indices.reshape(-1, 3)
        assert geometry.texcoords is not None and geometry.image is not None
        size = geometry.image.pixels.shape[1::-1]
        a, b, c = (geometry.positions[corners[:, k]] for k in range(3))
        metres = np.linalg.norm(np.cross(b - a, c - a), axis=1).sum()
        a, b, c = (geometry.texcoords[corners[:, k]] * size for k in range(3))
        (x1, y1), (x2, y2) = (b - a).T, (c - a).T
        texels = np.abs(x1 * y2 - y1 * x2).sum()
        return float(np.sqrt(metres / texels))

    assert texel_m(leaf[1]) == pytest.approx(SPAN / PIXELS, rel=0.5)
    assert texel_m(root[1]) > 2 * texel_m(leaf[1])
    assert root[0].geometric_error > 2 * texel_m(root[1])


def test_charts_that_lie_over_each_other_keep_their_own_pictures(tmp_path: Path) -> None:
    """Two floors joined by a ramp: seen from above, one hides the other."""
    spiral = np.linspace(0, 4 * np.pi, 161)
    inside, outside = 4.0, 8.0
    rows = [
        np.stack([r * np.cos(spiral), r * np.sin(spiral), spiral / np.pi * 3], axis=1)
        for r in np.linspace(inside, outside, 9)
    ]
    positions = np.concatenate(rows)
    count = len(spiral)
    corner = (np.arange(8)[:, None] * count + np.arange(count - 1)).ravel()
    triangles = np.concatenate(
        [
            np.stack([corner, corner + count, corner + 1], axis=1),
            np.stack([corner + 1, corner + count, corner + count + 1], axis=1),
        ]
    )
    along = np.tile(np.linspace(0, 1, count), 9)
    across = np.repeat(np.linspace(0, 1, 9), count)
    image = tmp_path / "ramp.png"
    levels = np.linspace(0, 255, 400).astype(np.uint8)
    Image.fromarray(np.stack([np.tile(levels, (40, 1))] * 3, axis=2)).save(image)
    part = MeshPart(
        positions,
        triangles.astype(np.uint32),
        texcoords=np.stack([along, across], axis=1).astype(np.float32),
        image=ImageSource(image),
    )
    bake_layer(tmp_path / "r", [part], (0, 0, 0))
    [(_, geometry)] = tiles(tmp_path / "r")
    places, colours = looked_up(geometry)
    expected = places[:, 2] / 12 * 255
    assert np.quantile(np.abs(colours[:, 0] - expected), 0.99) <= 10


@pytest.mark.parametrize("broken", ["cut", "no picture", "missing"])
def test_a_picture_that_cannot_be_read_costs_a_warning(tmp_path: Path, broken: str) -> None:
    image = picture(tmp_path)
    if broken == "cut":
        data = image.read_bytes()
        image.write_bytes(data[: len(data) // 2])
    elif broken == "no picture":
        image.write_bytes(b"not a picture")
    else:
        image.unlink()
    baked = bake_layer(tmp_path / "g", [ground(image)], (0, 0, 0))
    assert [one.name for one in baked.unread_pictures] == ["ground.png"]
    assert all(one.image is None for _, one in tiles(tmp_path / "g"))


def test_a_picture_larger_than_kenish_reads_is_not_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scenes.bake.picture_files.MAX_PIXELS", PIXELS * PIXELS - 1)
    baked = bake_layer(tmp_path / "g", [ground(picture(tmp_path))], (0, 0, 0))
    assert "pixels" in baked.unread_pictures[0].reason


def test_surfaces_without_a_picture_keep_their_colour_beside_others(tmp_path: Path) -> None:
    with_picture = ground(picture(tmp_path))
    plain = MeshPart(
        with_picture.positions + np.array([SPAN, 0, 0]),
        with_picture.triangles,
        colours=np.full((len(with_picture.positions), 3), (250, 10, 10), np.uint8),
    )
    bake_layer(tmp_path / "g", [plain, with_picture], (0, 0, 0))
    [(_, geometry)] = [pair for pair in tiles(tmp_path / "g") if pair[0].children]
    places, colours = looked_up(geometry)  # of the root, which has both
    beside = places[:, 0] > SPAN + 1
    assert np.abs(colours[beside] - (250, 10, 10)).max() <= 30
    wrong = np.abs(colours - shade(places[:, 0], places[:, 1]))[places[:, 0] < SPAN - 1]
    assert np.quantile(wrong, 0.99) <= 12


def write_obj(folder: Path, image: Path) -> Path:
    part = ground(image, 20)
    assert part.texcoords is not None
    lines = ["mtllib ground.mtl", *(f"v {x} {y} {z}" for x, y, z in part.positions.tolist())]
    lines += [f"vt {u} {1 - v}" for u, v in part.texcoords.tolist()]
    lines.append("usemtl grass")
    lines += [f"f {a}/{a} {b}/{b} {c}/{c}" for a, b, c in (part.triangles + 1).tolist()]
    path = folder / "ground.obj"
    path.write_text("\n".join(lines) + "\n")
    (folder / "ground.mtl").write_text(f"newmtl grass\nKd 1 1 1\nmap_Kd -s 1 1 1 {image.name}\n")
    return path


def test_an_import_keeps_the_picture_and_another_bake_does_too(tmp_path: Path) -> None:
    path = write_obj(tmp_path, picture(tmp_path))
    with TwinImport(tmp_path / "twin", ImportOptions(up="z", units="m")) as job:
        outcome = job.add(path)
        assert outcome.refused is None and outcome.warnings == []
        assert job.finish()
    folder = tmp_path / "twin" / "tiles" / "ground"

    def check() -> None:
        [(_, geometry)] = tiles(folder)
        places, colours = looked_up(geometry)
        origin = open_twin(tmp_path / "twin").scene.frame.origin
        wrong = np.abs(colours - shade(places[:, 0] + origin[0], places[:, 1] + origin[1]))
        assert np.quantile(wrong, 0.98) <= 12

    check()
    bake_twin(open_twin(tmp_path / "twin"), again=True)
    check()


def test_an_import_names_the_picture_that_is_missing_once(tmp_path: Path) -> None:
    image = picture(tmp_path)
    path = write_obj(tmp_path, image)
    image.unlink()
    with TwinImport(tmp_path / "twin", ImportOptions(up="z", units="m")) as job:
        outcome = job.add(path)
    notes = [note for note in outcome.warnings if note.message_id == "import-warning-picture"]
    assert [note.arguments for note in notes] == [{"name": "ground.png"}]
