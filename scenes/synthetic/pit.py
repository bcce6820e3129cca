"""The open pit: benches, berms, a haul ramp and rough faces, as rings around its middle.

The rings follow toes and crests, so that benches stay sharp at any density. It never touches the
ground outside its rim.
"""

from __future__ import annotations

import numpy as np

from scenes.geometry import MATERIAL, Float64s, MeshPart
from scenes.synthetic.meshes import Flags, grid_triangles, mesh, mix, shade
from scenes.synthetic.noise import Noise, smoothstep
from scenes.synthetic.parameters import PitParameters

RAMP_START = np.radians(253.3)  # azimuth of the ramp's foot, anticlockwise from east
APRON = 9.0  # metres that the mesh runs on beyond the uppermost crest


def bottom_radius(pit: PitParameters, angle: Float64s) -> Float64s:
    """Radius (n,) of the pit floor, metres, at angles anticlockwise from east, radians."""
    lobes = 1 + 0.07 * np.sin(2 * angle + 0.8) + 0.05 * np.sin(3 * angle + 2.0)
    turn = (angle - RAMP_START) % (2 * np.pi)
    # Where the ramp has left the floor its width is made up, so that benches close into rings.
    room = pit.ramp_width_m * smoothstep(2 * np.pi - 1.4, 2 * np.pi - 0.05, turn)
    result: Float64s = pit.bottom_radius_m * lobes + room
    return result


def face_x(pit: PitParameters, y: float) -> float:
    """East coordinate of the lowest toe on the east side at northing `y`, metres."""
    low, high = 0.0, 3.0 * pit.bottom_radius_m
    for _ in range(60):
        middle = 0.5 * (low + high)
        angle = np.array([np.arctan2(y, middle)])
        if np.hypot(middle, y) < bottom_radius(pit, angle)[0]:
            low = middle
        else:
            high = middle
    return low


def profile(pit: PitParameters, angles: Float64s) -> tuple[Float64s, Float64s]:
    """Radii and heights above the floor (k, n) of toes and crests at each angle (n,).

    Rows: floor edge, then for each flat (berms and the ramp, by height) its inner and outer edge,
    then the uppermost crest.
    """
    height = pit.bench_height_m
    turn = (angles - RAMP_START) % (2 * np.pi)
    top = pit.bench_count * height
    ramp = top * turn / (2 * np.pi)
    berms = np.arange(1, pit.bench_count) * height
    flats = np.concatenate([np.repeat(berms[:, None], len(angles), axis=1), ramp[None]])
    widths = np.concatenate(
        [
            np.full((len(berms), len(angles)), pit.berm_width_m),
            np.full((1, len(angles)), pit.ramp_width_m),
        ]
    )
    order = np.argsort(flats, axis=0, kind="stable")
    flats = np.take_along_axis(flats, order, axis=0)
    widths = np.take_along_axis(widths, order, axis=0)
    slope = 1 / np.tan(np.radians(pit.face_angle_deg))
    radius, level = bottom_radius(pit, angles), np.zeros_like(angles)
    radii, levels = [radius], [level]
    for flat, width in zip(flats, widths, strict=True):
        radius = radius + (flat - level) * slope
        level = flat
        radii.append(radius)
        levels.append(level)
        radius = radius + width
        radii.append(radius)
        levels.append(level)
    radii.append(radius + (top - level) * slope)
    levels.append(np.full_like(angles, top))
    return np.array(radii), np.array(levels)


def rim_radius(pit: PitParameters, angles: Float64s) -> Float64s:
    """Radius (n,) of the uppermost crest, metres."""
    radius: Float64s = profile(pit, angles)[0][-1]
    return radius


def pit_mesh(
    pit: PitParameters, floor: float, noise: Noise, pitch: float, portal: tuple[float, float]
) -> MeshPart:
    """The pit as one part, scene frame; `floor` is the floor's scene z, `pitch` metres between
    vertices. The floor is graded before the `portal` (x, y)."""
    radius_mean = pit.bottom_radius_m + pit.bench_count * 8.0
    count = max(90, round(2 * np.pi * radius_mean / pitch))
    # A ring of vertices stands exactly where the ramp begins, where rows change their meaning.
    angles = RAMP_START + np.linspace(0, 2 * np.pi, count + 1)
    angles[-1] -= 1e-6
    radii, levels = profile(pit, angles)
    rows_r, rows_z, rows_face = [], [], []
    rings = max(4, round(pit.bottom_radius_m / max(pitch, 1.5)))
    for t in np.linspace(0.02, 1, rings)[:-1]:
        rows_r.append(radii[0] * t)
        rows_z.append(levels[0] - 0.0)
        rows_face.append(np.zeros_like(angles))
    for k in range(len(radii) - 1):
        rise = levels[k + 1] - levels[k]
        face = k % 2 == 0
        steps = max(3 if face else 2, round((pit.bench_height_m if face else 7.0) / pitch))
        for t in np.arange(steps) / steps:
            rows_r.append(radii[k] + t * (radii[k + 1] - radii[k]))
            rows_z.append(levels[k] + t * rise)
            # Blasted faces are rough in the middle and hold their line at toe and crest.
            rows_face.append(np.where(face, np.sin(np.pi * t) * np.minimum(rise / 4, 1), 0.0))
    windrow = np.where(_on_ramp_exit(angles), 0.0, 1.3)
    top = levels[-1]
    for away, up in ((0.0, 0.0), (1.5, 0.0), (2.6, 1.0), (3.4, 1.0), (5.2, 0.1), (APRON, -1.6)):
        rows_r.append(radii[-1] + away)
        rows_z.append(
            top + np.where(up > 0.05, np.maximum(up * windrow, 0.08), up) + (0.06 if up == 0 else 0)
        )
        rows_face.append(np.zeros_like(angles))
    r, z, face_part = np.array(rows_r), np.array(rows_z) + floor, np.array(rows_face)
    x, y = r * np.cos(angles), r * np.sin(angles)
    points = np.stack([x, y, z], axis=-1).reshape(-1, 3)
    weight = face_part.reshape(-1)
    rough = noise.rock(points * 0.45, 1.4 * pitch * 0.45)
    push = 1.9 * weight * (rough + 0.35)
    away = np.hypot(points[:, 0], points[:, 1])
    points[:, :2] *= ((away + push) / np.maximum(away, 1e-6))[:, None]
    flat = weight < 1e-6
    bumpy = smoothstep(8.0, 20.0, np.hypot(points[:, 0] - portal[0], points[:, 1] - portal[1]))
    points[:, 2] += (0.10 * noise.sample(points, 2.7) * bumpy - 0.05 * (1 - bumpy)) * flat
    triangles = grid_triangles(len(r), len(angles))
    part = mesh(points, triangles[:, ::-1])
    assert part.normals is not None
    return _painted(part, floor, top[0], noise, face_part.reshape(-1) > 0.02)


def _on_ramp_exit(angles: Float64s) -> Flags:
    turn = (angles - RAMP_START) % (2 * np.pi)
    result: Flags = (turn > 2 * np.pi - 0.16) | (turn < 0.02)
    return result


def _painted(part: MeshPart, floor: float, top: float, noise: Noise, face: Flags) -> MeshPart:
    points = part.positions
    assert part.normals is not None
    stretched = noise.sample(points, (9.0, 9.0, 2.2))
    fine = noise.sample(points, 1.3)
    factor = 0.92 + 0.22 * stretched + 0.16 * fine
    colours = shade((148, 132, 112), factor)
    steep = part.normals[:, 2] < 0.75
    colours = np.where((steep | face)[:, None], colours, shade((139, 126, 108), 0.95 + 0.12 * fine))
    # The weathered cap is brown; the breccia below is grey with ochre bands.
    cap = smoothstep(-14.0, -1.0, points[:, 2] - top - floor) * steep
    colours = mix(colours, (152, 108, 70), 0.6 * cap)
    ochre = smoothstep(0.25, 0.7, noise.sample(points, (26.0, 26.0, 12.0)))
    colours = mix(colours, (168, 112, 58), 0.55 * ochre * steep)
    colours = mix(colours, (96, 92, 92), 0.5 * smoothstep(0.2, 0.8, noise.sample(points, 38.0)))
    materials = np.where(steep | face, MATERIAL["rock"], MATERIAL["gravel"]).astype(np.uint8)
    return MeshPart(points, part.triangles, part.normals, colours, materials)
