"""Files made to break a reader: bombs, lies about sizes, references out of the folder."""

from __future__ import annotations

import gzip
import json
import struct
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenes.importers import make_files
from tests.scenes.importers.harness import run_twin
from tests.scenes.importers.make_files import glb_bytes, gltf_document


@pytest.fixture(autouse=True)
def bounded_memory() -> Iterator[None]:
    """A reader that believes a lie asks for more than this and fails the test with MemoryError."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_AS)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * 4096
    resource.setrlimit(resource.RLIMIT_AS, (used + 6 * 1024**3, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


def refused(path: Path, message_id: str | None = None) -> str:
    """The message with which one file is refused; nothing may be left behind."""
    out = path.parent / "twin"
    before = time.monotonic()
    run = run_twin("import", path, "--out", out)
    assert time.monotonic() - before < 10
    report = run.result["files"][0]
    assert run.status == 2 and report["status"] == "refused", report
    assert path.name in report["message"]
    assert not out.exists()
    if message_id is not None:
        from assets.text import translator

        words = translator("en")(message_id, {"file": path.name}).split("{")[0].strip()
        assert report["message"].startswith(words.split(":")[0]), report["message"]
    return str(report["message"])


def test_stl_that_claims_four_thousand_million_facets(tmp_path: Path) -> None:
    path = tmp_path / "a.stl"
    path.write_bytes(b"x" * 80 + b"\xff\xff\xff\xff" + b"\0" * 50)
    refused(path)


@pytest.mark.parametrize("layout", ["ascii", "binary_little_endian"])
def test_ply_that_claims_a_million_million_vertices(layout: str, tmp_path: Path) -> None:
    path = tmp_path / "a.ply"
    path.write_text(
        f"ply\nformat {layout} 1.0\nelement vertex 1000000000000\n"
        "property float x\nproperty float y\nproperty float z\nend_header\n1 2 3\n"
    )
    refused(path)


def test_ply_list_longer_than_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.ply"
    make_files.ply_binary(path)
    data = path.read_bytes().replace(b"list uchar int", b"list int int  ")
    path.write_bytes(data)
    refused(path)


def test_faces_that_point_nowhere(tmp_path: Path) -> None:
    path = tmp_path / "a.ply"
    make_files.ply_ascii(path)
    path.write_text(path.read_text().replace("4 1 5 7 3", "4 1 5 77 3"))
    assert "points" in refused(path)


def test_gltf_may_not_read_outside_its_folder(tmp_path: Path) -> None:
    document, binary = gltf_document()
    (tmp_path / "secret.bin").write_bytes(binary)
    folder = tmp_path / "inner"
    folder.mkdir()
    (folder / "link.bin").symlink_to(tmp_path / "secret.bin")
    for uri in (
        "../secret.bin",
        str(tmp_path / "secret.bin"),
        "%2e%2e/secret.bin",
        "file:///etc/passwd",
        "http://127.0.0.1:1/room.bin",
        "link.bin",
        "",
    ):
        document["buffers"][0]["uri"] = uri
        path = folder / "a.gltf"
        path.write_text(json.dumps(document))
        refused(path)


@pytest.mark.parametrize(
    "change",
    [
        {"accessors": [{"componentType": 5126, "count": 10**12, "type": "VEC3"}]},
        {"accessors": [{"bufferView": 0, "componentType": 5126, "count": -8, "type": "VEC3"}]},
        {"accessors": [{"bufferView": 9, "componentType": 5126, "count": 8, "type": "VEC3"}]},
        {"bufferViews": [{"buffer": 0, "byteOffset": -4, "byteLength": 8}]},
        {"nodes": [{"mesh": 0, "children": [0]}]},
        {"nodes": [{"mesh": 10**9}]},
        {"nodes": [{"mesh": 0, "matrix": [1, 2]}]},
        {"nodes": [{"mesh": 0, "rotation": ["a", 0, 0, 1]}]},
        {"scenes": [{"nodes": [0, 0]}]},
        {"meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "mode": 99}]}]},
        {"meshes": 7},
        {"extensionsRequired": ["KHR_draco_mesh_compression"]},
        {"asset": {"version": "1.0"}},
    ],
)
def test_gltf_lies(change: dict[str, object], tmp_path: Path) -> None:
    document, binary = gltf_document()
    path = tmp_path / "a.glb"
    path.write_bytes(glb_bytes(document | change, binary))
    refused(path)


def test_deeply_nested_json(tmp_path: Path) -> None:
    path = tmp_path / "a.gltf"
    path.write_text('{"asset": {"version": "2.0"}, "nodes": ' + "[" * 200_000 + "]" * 200_000 + "}")
    refused(path)


def test_xml_entities_are_refused_before_they_grow(tmp_path: Path) -> None:
    path = tmp_path / "a.dae"
    levels = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 12))
    path.write_text(
        f'<?xml version="1.0"?><!DOCTYPE COLLADA [<!ENTITY l0 "lol">{levels}]>'
        "<COLLADA>&l11;</COLLADA>"
    )
    assert "document type" in refused(path)


def test_xml_may_not_read_other_files(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("0 0 0 9 0 0 9 9 0")
    path = tmp_path / "a.dae"
    make_files.dae(path)
    text = path.read_text()
    head = f'<!DOCTYPE COLLADA [<!ENTITY s SYSTEM "file://{tmp_path}/secret.txt">]>'
    path.write_text(text.replace("<COLLADA", head + "<COLLADA", 1))
    assert "document type" in refused(path)


def test_dae_whose_nodes_instance_each_other(tmp_path: Path) -> None:
    path = tmp_path / "a.dae"
    make_files.dae(path)
    loop = '<node id="n"><instance_node url="#n"/><instance_geometry url="#g"/></node>'
    path.write_text(path.read_text().replace("<node>", loop + "<node>"))
    refused(path)


def test_dae_whose_instances_multiply(tmp_path: Path) -> None:
    path = tmp_path / "a.dae"
    make_files.dae(path)
    levels = "".join(
        f'<node id="n{i}">' + f'<instance_node url="#n{i - 1}"/>' * 30 + "</node>"
        for i in range(1, 8)
    )
    base = '<node id="n0"><instance_geometry url="#g"/></node>'
    path.write_text(path.read_text().replace("<node>", base + levels + "<node>"))
    refused(path)


def test_obj_may_not_follow_material_files_outside(tmp_path: Path) -> None:
    (tmp_path / "secret.mtl").write_text("newmtl rock\nKd 1 0 0\n")
    folder = tmp_path / "inner"
    folder.mkdir()
    path = folder / "a.obj"
    make_files.obj(path)
    path.write_text(path.read_text().replace("room.mtl", "../secret.mtl"))
    run = run_twin("import", path, "--out", folder / "twin")
    assert run.status == 0
    assert "secret.mtl" in run.result["files"][0]["message"]


def test_omf1_blob_that_inflates_beyond_bounds(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("scenes.importers.omf1.MAX_INFLATED_BYTES", 100_000)
    writer = make_files.Omf1Writer()
    import numpy as np

    points = writer.array("Vector3Array", np.zeros((100_000, 3)))
    assert len(writer.blobs) < 10_000
    element = writer.put(
        "PointSetElement", name="p", geometry=writer.put("PointSetGeometry", vertices=points)
    )
    writer.write(tmp_path / "a.omf", writer.put("Project", elements=[element]))
    assert "unpacked" in refused(tmp_path / "a.omf")


@pytest.mark.parametrize("start", [0, 59, 2**40, 2**64 - 1])
def test_omf1_whose_registry_is_elsewhere(start: int, tmp_path: Path) -> None:
    path = tmp_path / "a.omf"
    make_files.omf1(path)
    data = bytearray(path.read_bytes())
    data[52:60] = struct.pack("<Q", start)
    path.write_bytes(data)
    refused(path)


def test_omf1_block_model_of_a_million_million_blocks(tmp_path: Path) -> None:
    writer = make_files.Omf1Writer()
    grid = writer.put(
        "VolumeGridGeometry",
        tensor_u=[1.0] * 10_000,
        tensor_v=[1.0] * 10_000,
        tensor_w=[1.0] * 10_000,
    )
    element = writer.put("VolumeElement", name="b", geometry=grid)
    writer.write(tmp_path / "a.omf", writer.put("Project", elements=[element]))
    assert "1,000,000,000,000" in refused(tmp_path / "a.omf")


def test_omf2_index_that_inflates_beyond_bounds(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("scenes.importers.omf2_archive.MAX_JSON_BYTES", 100_000)
    path = tmp_path / "a.omf"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("index.json.gz", gzip.compress(b" " * 10_000_000))
        archive.comment = b"Open Mining Format 2.0"
    assert "unpacked" in refused(path)


def test_omf2_member_that_inflates_beyond_bounds(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("scenes.importers.omf2_archive.MAX_INFLATED_BYTES", 100_000)
    path = tmp_path / "a.omf"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("index.json.gz", b"\0" * 10_000_000)
        archive.comment = b"Open Mining Format 2.0"
    assert "unpacked" in refused(path)


def test_omf2_whose_rows_are_not_those_announced(tmp_path: Path) -> None:
    path = tmp_path / "a.omf"
    make_files.omf2(path)
    with zipfile.ZipFile(path) as archive:
        index = json.loads(gzip.decompress(archive.read("index.json.gz")))
    index["elements"][0]["geometry"]["triangles"]["item_count"] = 13
    make_files.omf2(path, {"elements": index["elements"]})
    assert "13" in refused(path)


def test_omf2_with_a_missing_member(tmp_path: Path) -> None:
    path = tmp_path / "a.omf"
    make_files.omf2(path)
    with zipfile.ZipFile(path) as archive:
        index = json.loads(gzip.decompress(archive.read("index.json.gz")))
    index["elements"][0]["geometry"]["vertices"]["filename"] = "../99.parquet"
    make_files.omf2(path, {"elements": index["elements"]})
    assert "99.parquet" in refused(path)


def test_a_zip_that_is_no_omf(tmp_path: Path) -> None:
    path = tmp_path / "a.omf"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hello.txt", "hello")
    refused(path)


def test_survex_label_longer_than_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.3d"
    head = b"Survex 3D Image File\nv8\nt\n@1\n\0\x82\0\0\xff\xff\xff\xff\xff"
    path.write_bytes(head)
    refused(path)


def test_survex_extended_elevation(tmp_path: Path) -> None:
    writer = make_files.SurvexWriter(flags=0x80)
    writer.move(0, 0, 0)
    writer.line(10, 0, 0, survey="a")
    writer.write(tmp_path / "a.3d")
    assert "extended" in refused(tmp_path / "a.3d")


def test_numbers_beyond_any_grid(tmp_path: Path) -> None:
    path = tmp_path / "a.obj"
    path.write_text("v 1e300 0 0\nv 1e300 1 0\nv 0 0 1e300\nf 1 2 3\n")
    refused(path)


@pytest.mark.parametrize("name", ["dir.obj", "missing.obj"])
def test_what_is_no_file(name: str, tmp_path: Path) -> None:
    if name.startswith("dir"):
        (tmp_path / name).mkdir()
    refused(tmp_path / name)
