"""Says what a twin holds, and what is wrong with it. Changes nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from scenes.bake.layer import counts_of
from scenes.errors import Refused, SceneError
from scenes.schema import Layer, Scene
from scenes.tiles.addresses import is_inside
from scenes.tiles.content import is_branch, open_content
from scenes.tiles.metadata import Metadata, metadata_of
from scenes.tiles.placement import placement
from scenes.tiles.tileset import Tile, read_tileset
from scenes.tiles.whole_tree import every_tile, folder_reader
from scenes.twin import Twin, read_sources
from scenes.walk.store import WALK_FILE, load_walk

_MAX_TILESET_BYTES = 512 * 1024**2


def _tileset(folder: Path, layer: Layer) -> tuple[Path, Tile, dict[str, Any], Metadata]:
    """(path, root tile, extras, metadata).

    Raises `Refused` where it is missing, outside, or damaged.
    """
    home = folder.resolve()
    path = (home / layer.tileset_path).resolve()
    if not path.is_relative_to(home):
        raise Refused("scenes-outside", layer=layer.id, file=layer.tileset_path)
    if not path.is_file():
        raise Refused("scenes-missing", layer=layer.id, file=layer.tileset_path)
    if path.stat().st_size > _MAX_TILESET_BYTES:
        raise Refused("scene-too-large", file=str(path), limit=_MAX_TILESET_BYTES // 1024**2)
    data = path.read_bytes()
    root, extras = read_tileset(data, layer.tileset_path, placement(layer))
    return path, root, extras, metadata_of(json.loads(data))


def _layer(folder: Path, layer: Layer) -> dict[str, Any]:
    path, root, extras, metadata = _tileset(folder, layer)
    counts = counts_of(extras)
    tiles = size = largest = 0
    unread: list[SceneError] = []  # `problems` is for them
    for tile in every_tile(root, folder_reader(path.parent), unread.append):
        tiles += tile.content is not None and not is_branch(tile)
        for address in [tile.content or "", *tile.more]:
            if is_inside(address) and (file := path.parent / address).is_file():
                length = file.stat().st_size
                size += length
                largest = max(largest, length)
    return {
        "id": layer.id,
        "kind": layer.kind,
        "content": layer.content,
        "tiles": tiles,
        "triangles": counts["triangles"],
        "points": counts["points"],
        "megabytes": round(size / 1e6, 1),
        "levels": _levels(root),
        "largest_tile_kb": round(largest / 1000),
        "bounds": [root.low.tolist(), root.high.tolist()],
        "metadata": metadata,
    }


def _levels(root: Tile) -> list[int]:
    """Tiles with content of each level, the coarsest first; levels without any are left out."""
    counts: list[int] = []
    level = [root]
    while level:
        counts.append(sum(tile.content is not None and not is_branch(tile) for tile in level))
        level = [child for tile in level for child in tile.children]
    return [count for count in counts if count]


def describe(twin: Twin) -> dict[str, Any]:
    """Layers with counts and bounds (scene frame), places and the rest, ready for JSON.

    Raises `Refused` where a tileset cannot be read.
    """
    scene = twin.scene
    return {
        "name": scene.name,
        "title": dict(scene.title),
        "fictional": scene.fictional,
        "crs": scene.frame.crs,
        "origin": list(scene.frame.origin),
        "vertical_reference": scene.frame.vertical_reference,
        "layers": [_layer(twin.folder, layer) for layer in scene.layers],
        "places": [{"id": p.id, "kind": p.kind, "position": p.position} for p in scene.places],
        "viewpoints": [view.id for view in scene.viewpoints],
        "sensors": [sensor.id for sensor in scene.sensors],
        "objects": [one.id for one in scene.objects],
        "networks": [network.id for network in scene.networks],
        "sources": sorted(read_sources(twin.folder)),
    }


def _files(folder: Path, layer: Layer) -> list[SceneError]:
    try:
        path, root, _, _ = _tileset(folder, layer)
    except SceneError as error:
        return [error]
    except (OSError, ValueError) as error:
        return [Refused("tileset-broken", file=layer.tileset_path, reason=str(error))]
    found: list[SceneError] = []
    read = folder_reader(path.parent)
    for tile in every_tile(root, read, found.append):
        if is_branch(tile):
            continue
        there = True
        for address in [tile.content, *tile.more]:
            if address is None:
                continue
            if not is_inside(address):
                found.append(Refused("scenes-outside", layer=layer.id, file=address))
                there = False
            elif not (path.parent / address).is_file():
                found.append(Refused("scenes-missing", layer=layer.id, file=address))
                there = False
        if tile.content is not None and there:
            try:
                open_content(tile, read(tile.content), read)
            except SceneError as error:
                name = f"{layer.id}/{error.arguments.get('file', tile.content)}"
                found.append(Refused(error.message_id, **(error.arguments | {"file": name})))
    return found


def _references(scene: Scene) -> list[SceneError]:
    places = {place.id for place in scene.places}
    nodes = {
        kind: {node.id for net in scene.networks if net.kind == kind for node in net.nodes}
        for kind in ("drainage", "ventilation", "travel")
    }
    wanted: list[tuple[str, str, str | None, set[str]]] = []
    for sensor in scene.sensors:
        wanted.append((sensor.id, "place", sensor.place, places))
        wanted.append((sensor.id, "drainage_node", sensor.drainage_node, nodes["drainage"]))
        wanted.append(
            (sensor.id, "ventilation_node", sensor.ventilation_node, nodes["ventilation"])
        )
    for network in scene.networks:
        wanted += [(node.id, "place", node.place, places) for node in network.nodes]
    for one in scene.objects:
        states = set(one.states)
        wanted += [(one.id, "place", one.place, places), (one.id, "initial", one.initial, states)]
        for action in one.actions:
            wanted.append((f"{one.id}.{action.id}", "to_state", action.to_state, states))
            wanted += [(f"{one.id}.{action.id}", "from_states", s, states)
                       for s in action.from_states]  # fmt: skip
    return [
        Refused("scenes-no-such-id", owner=owner, key=key, id=name)
        for owner, key, name, known in wanted
        if name is not None and name not in known
    ]


def problems(twin: Twin) -> list[SceneError]:
    """Everything that is wrong with a twin whose scene.yaml is valid; empty if nothing is."""
    found = [error for layer in twin.scene.layers for error in _files(twin.folder, layer)]
    found += _references(twin.scene)
    walkable = any(layer.walkable and layer.content == "mesh" for layer in twin.scene.layers)
    walk = twin.folder / WALK_FILE
    if walk.is_file():
        try:
            load_walk(walk.read_bytes(), str(walk))
        except SceneError as error:
            found.append(error)
        except OSError as error:
            found.append(Refused("walk-broken", file=str(walk), reason=str(error)))
    elif walkable:
        found.append(Refused("scenes-no-walk", folder=str(twin.folder)))
    return found
