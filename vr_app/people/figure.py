"""A miner as simple solids: helmet with lamp, hi-vis vest, gloves, boots; pure numpy.

Each part has its own frame (+Y forward, +Z up, metres) in which a pose places it. Nothing here
knows Panda3D or who wears it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from vr_app.world.shapes import Colour, Solid, ball, box, join, tube

SKIN, GLASS, DARK = (186, 138, 108), (26, 34, 44), (34, 36, 40)
COVERALL, VEST, REFLEX = (36, 52, 92), (250, 112, 24), (226, 232, 228)
YELLOW, STEEL, RUBBER, GLOVE = (232, 240, 66), (150, 154, 158), (30, 30, 30), (206, 180, 84)

MARK: Final[Colour] = (1, 2, 3)  # stands for the member's colour until `coloured`

# Where parts meet, in metres. The head's origin is between the eyes.
NECK_BEHIND, NECK_BELOW = 0.075, 0.175  # the torso's origin from the head's
SHOULDER: Final = (0.185, -0.005, -0.075)  # from the torso's origin; x mirrored
HIP: Final = (0.095, 0.0, -0.60)
LEG_LENGTH: Final = 0.845
EYE_HEIGHT: Final = NECK_BELOW + 0.60 + LEG_LENGTH
UPPER_ARM, FOREARM = 0.29, 0.27
WRIST_TO_PALM: Final = 0.07


def stretched(solid: Solid, factors: Sequence[float]) -> Solid:
    """The solid stretched along x, y and z; normals stay square to its faces."""
    scale = np.asarray(factors, np.float32)
    normals = solid.normals / scale
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
    return replace(solid, positions=solid.positions * scale, normals=normals.astype(np.float32))


def smooth(solid: Solid) -> Solid:
    """The solid with normals averaged over the faces that share each vertex."""
    corners = solid.positions[solid.triangles]
    faces = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals = np.zeros_like(solid.positions)
    for corner in range(3):
        np.add.at(normals, solid.triangles[:, corner], faces)
    outward = np.einsum("ij,ij->i", normals, solid.normals) < 0
    normals[outward] *= -1
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    flat = length[:, 0] < 1e-9
    normals = np.where(flat[:, None], solid.normals, normals / np.maximum(length, 1e-9))
    return replace(solid, normals=normals.astype(np.float32))


def _hoop(z: float, radius: float, height: float, colour: Colour, depth: float = 1.0) -> Solid:
    """A band around the vertical axis; `depth` flattens it front to back."""
    path = [(0, 0, z - height / 2), (0, 0, z + height / 2)]
    return stretched(tube(path, [radius, radius], colour, sides=24, caps=False), (1, depth, 1))


def _dome(centre: Sequence[float], radii: Sequence[float], colour: Colour) -> Solid:
    """The upper half of an ellipsoid."""
    whole = ball((0, 0, 0), radii, colour, "plastic")
    above = whole.positions[whole.triangles][:, :, 2].min(axis=1) >= -1e-4
    kept = replace(whole, triangles=whole.triangles[above])
    return kept.moved(centre)


def head(colour: Colour) -> Solid:
    """Head with helmet, lamp, glasses and ear muffs. Origin between the eyes."""
    brim = 0.052
    return join(
        [
            # Skull, jaw, nose, neck.
            ball((0, -0.078, 0.01), (0.073, 0.092, 0.10), SKIN, "plain"),
            ball((0, -0.055, -0.07), (0.056, 0.062, 0.062), SKIN, "plain"),
            ball((0, 0.008, -0.03), (0.013, 0.017, 0.022), SKIN, "plain"),
            tube([(0, -0.08, -0.22), (0, -0.08, -0.06)], [0.058, 0.052], SKIN, "plain"),
            # Helmet: shell, brim with a peak, crest.
            _dome((0, -0.075, brim), (0.112, 0.138, 0.122), colour),
            ball((0, -0.060, brim), (0.128, 0.172, 0.011), colour, "plastic"),
            stretched(
                tube(
                    [
                        (0, -0.195, 0.10),
                        (0, -0.14, 0.164),
                        (0, -0.075, 0.176),
                        (0, -0.01, 0.164),
                        (0, 0.04, 0.12),
                    ],
                    [0.010, 0.013, 0.013, 0.013, 0.010],
                    colour,
                    "plastic",
                    sides=10,
                ),
                (1.7, 1, 1),
            ),
            # Lamp: bracket, housing, glowing glass, and the cable over the back of the helmet.
            box((0, 0.056, 0.103), (0.05, 0.03, 0.05), DARK, "plastic"),
            tube([(0, 0.058, 0.107), (0, 0.098, 0.107)], [0.028, 0.032], DARK, "plastic"),
            tube([(0, 0.0985, 0.107), (0, 0.102, 0.107)], [0.027, 0.024], (255, 250, 225), "lamp"),
            tube(
                [(0.03, 0.04, 0.12), (0.05, -0.06, 0.165), (0.04, -0.2, 0.10), (0.03, -0.21, -0.1)],
                [0.006] * 4,
                DARK,
                "plastic",
                sides=6,
            ),
            # Reflecting tape around the shell.
            stretched(_hoop(0.083, 0.1095, 0.014, REFLEX), (1, 1.235, 1)).moved((0, -0.075, 0)),
            # Glasses with their strap, and ear muffs.
            ball((0.031, -0.004, 0.0), (0.032, 0.018, 0.023), GLASS, "steel"),
            ball((-0.031, -0.004, 0.0), (0.032, 0.018, 0.023), GLASS, "steel"),
            stretched(_hoop(0.004, 0.0755, 0.014, DARK), (1, 1.26, 1)).moved((0, -0.078, 0)),
            ball((0.080, -0.08, -0.015), (0.022, 0.034, 0.044), DARK, "plastic"),
            ball((-0.080, -0.08, -0.015), (0.022, 0.034, 0.044), DARK, "plastic"),
        ]
    )


def torso(colour: Colour) -> Solid:
    """Vest over a coverall, belt with battery and self-rescuer. Origin at the base of the neck.
    A patch on the back has the member's colour."""
    flat = 0.60
    levels = [0.03, 0.0, -0.035, -0.08, -0.15, -0.28, -0.40, -0.50]
    radii = [0.058, 0.085, 0.145, 0.192, 0.205, 0.196, 0.182, 0.186]
    vest = stretched(
        tube([(0, 0, z) for z in levels], radii, VEST, "paint", sides=28), (1, flat, 1)
    )
    hips = stretched(
        tube(
            [(0, 0, -0.495), (0, 0, -0.56), (0, 0, -0.63), (0, 0, -0.67)],
            [0.181, 0.184, 0.170, 0.11],
            COVERALL,
            "paint",
            sides=28,
        ),
        (1, 0.64, 1),
    )
    parts = [smooth(vest), smooth(hips)]
    for z, radius in ((-0.30, 0.1965), (-0.43, 0.186)):
        parts.append(_hoop(z, radius + 0.004, 0.075, YELLOW, flat))
        parts.append(_hoop(z, radius + 0.007, 0.045, REFLEX, flat))
    for side in (-1, 1):
        strap = [
            (side * 0.105, 0.121, -0.27),
            (side * 0.10, 0.118, -0.15),
            (side * 0.085, 0.085, -0.045),
            (side * 0.078, 0.02, 0.002),
            (side * 0.085, -0.085, -0.045),
            (side * 0.10, -0.118, -0.15),
            (side * 0.105, -0.121, -0.27),
        ]
        parts.append(stretched(tube(strap, [0.011] * 7, REFLEX, sides=8), (1.0, 1.04, 1)))
    parts += [
        _hoop(-0.515, 0.190, 0.045, DARK, 0.63),
        box((0, -0.122, -0.17), (0.15, 0.02, 0.11), colour, "paint"),
        box((0.09, 0.118, -0.19), (0.055, 0.018, 0.04), colour, "paint"),
        # Lamp battery on the right hip, self-rescuer in its case on the left.
        box((0.165, -0.06, -0.54), (0.06, 0.11, 0.14), DARK, "plastic"),
        tube([(-0.19, -0.01, -0.62), (-0.19, -0.01, -0.47)], [0.052, 0.052], STEEL, "steel"),
        tube([(-0.19, -0.01, -0.565), (-0.19, -0.01, -0.535)], [0.0535, 0.0535], YELLOW, "paint"),
    ]
    return join(parts)


def arm_segment(upper: bool) -> Solid:
    """A sleeve from the origin along +Y, one metre long (it is shrunk to what a pose needs)."""
    if upper:
        path = [(0, -0.06, 0), (0, 0.08, 0), (0, 0.5, 0), (0, 1.02, 0)]
        sleeve = tube(path, [0.048, 0.068, 0.060, 0.052], COVERALL, "paint", sides=14)
        band = tube([(0, 0.52, 0), (0, 0.72, 0)], [0.0615, 0.0590], REFLEX)
        # Balls at the joints close the bends; they are flattened with the sleeve.
        return join([smooth(sleeve), band, ball((0, 0.05, 0), (0.068, 0.23, 0.068), COVERALL)])
    sleeve = tube(
        [(0, -0.04, 0), (0, 0.3, 0), (0, 0.98, 0)], [0.052, 0.051, 0.040], COVERALL, sides=14
    )
    band = tube([(0, 0.42, 0), (0, 0.62, 0)], [0.0515, 0.0485], REFLEX)
    return join([smooth(sleeve), band, ball((0, 0, 0), (0.053, 0.19, 0.053), COVERALL)])


def glove(right: bool) -> Solid:
    """A pointing hand. Origin in the palm, the index finger along +Y, the palm down."""
    side = 1 if right else -1
    fingers = [
        tube(
            [(-side * 0.030, 0.04, 0), (-side * 0.031, 0.085, 0.002), (-side * 0.030, 0.135, 0)],
            [0.0125, 0.0115, 0.0085],
            GLOVE,
            sides=10,
        ),
        # The thumb lies along the side of the palm.
        tube(
            [
                (-side * 0.03, -0.03, -0.01),
                (-side * 0.062, 0.01, -0.02),
                (-side * 0.05, 0.05, -0.03),
            ],
            [0.014, 0.0135, 0.010],
            GLOVE,
            sides=10,
        ),
    ]
    for index, x in enumerate((-0.008, 0.013, 0.033)):
        reach = 0.078 - 0.008 * index
        curl = [
            (side * x, 0.04, 0.004),
            (side * x, reach, -0.008),
            (side * x, reach - 0.006, -0.035),
            (side * x, 0.045, -0.045),
        ]
        fingers.append(tube(curl, [0.0125, 0.0125, 0.0115, 0.009], GLOVE, sides=10))
    return join(
        [
            ball((0, 0.005, 0), (0.047, 0.058, 0.023), GLOVE, "paint"),
            tube([(0, -0.075, 0), (0, -0.035, 0)], [0.046, 0.040], DARK, "plastic"),
            box((0, 0.0, 0.022), (0.05, 0.05, 0.006), REFLEX, "paint"),
            *fingers,
        ]
    )


def leg() -> Solid:
    """A leg with its boot, hanging from the hip at the origin, `LEG_LENGTH` long."""
    cloth = tube(
        [(0, 0, 0.03), (0, 0, -0.12), (0, 0.012, -0.40), (0, 0.004, -0.44), (0, -0.01, -0.56)],
        [0.080, 0.090, 0.068, 0.066, 0.064],
        COVERALL,
        "paint",
        sides=16,
    )
    shaft = tube(
        [(0, -0.008, -0.50), (0, -0.012, -0.62), (0, -0.01, -0.76), (0, 0.0, -0.81)],
        [0.074, 0.070, 0.060, 0.058],
        RUBBER,
        "plastic",
        sides=16,
    )
    foot = stretched(
        tube(
            [(0, -0.075, -0.80), (0, -0.02, -0.79), (0, 0.07, -0.795), (0, 0.15, -0.81),
             (0, 0.195, -0.82)],
            [0.045, 0.058, 0.053, 0.050, 0.030],
            RUBBER,
            "plastic",
        ),
        (0.92, 1, 1),
    )  # fmt: skip
    return join(
        [
            smooth(cloth),
            tube([(0, 0.01, -0.36), (0, 0.01, -0.43)], [0.0725, 0.0700], REFLEX, "paint"),
            smooth(shaft),
            smooth(foot),
            box((0, 0.052, -0.838), (0.088, 0.255, 0.016), (44, 40, 36), "plastic"),
        ]
    )


def far_figure(colour: Colour) -> Solid:
    """The whole figure standing, as one coarse mesh, for members far away. Origin between the
    eyes."""
    body = (0.0, -NECK_BEHIND, -NECK_BELOW)
    levels, radii = [0.0, -0.05, -0.10, -0.5, -0.62], [0.07, 0.15, 0.2, 0.185, 0.16]
    trunk = stretched(tube([(0, 0, z) for z in levels], radii, VEST, sides=12), (1, 0.6, 1))
    parts = [
        ball((0, -0.075, -0.01), (0.074, 0.09, 0.12), SKIN, "plain"),
        _dome((0, -0.075, 0.052), (0.12, 0.145, 0.125), colour),
        tube([(0, 0.06, 0.107), (0, 0.1, 0.107)], [0.03, 0.03], (255, 250, 225), "lamp", sides=8),
        join([smooth(trunk), _hoop(-0.3, 0.201, 0.06, REFLEX, 0.6)]).moved(body),
        box((0, -0.122 - NECK_BEHIND, -0.17 - NECK_BELOW), (0.15, 0.02, 0.11), colour),
    ]
    for side in (-1, 1):
        hip = np.array([side * HIP[0], HIP[1], HIP[2]]) + body
        shoulder = np.array([side * SHOULDER[0], SHOULDER[1], SHOULDER[2]]) + body
        foot = hip + np.array([0, 0.0, -LEG_LENGTH])
        knee, wrist = (hip + foot) / 2, shoulder + np.array([side * 0.05, 0.06, -0.54])
        elbow_at = shoulder + np.array([side * 0.05, -0.01, -0.28])
        for path, sizes, shade in (
            ((hip, knee), [0.09, 0.066], COVERALL),
            ((knee, foot), [0.066, 0.06], RUBBER),
            ((shoulder, elbow_at, wrist), [0.064, 0.052, 0.042], COVERALL),
        ):
            parts.append(tube([p.tolist() for p in path], sizes, shade, sides=8))
        toe = foot + np.array([0, 0.06, 0.04])
        parts.append(box(toe.tolist(), (0.09, 0.25, 0.08), RUBBER, "plastic"))
        palm = wrist + np.array([0.0, 0.02, -0.06])
        parts.append(box(palm.tolist(), (0.05, 0.07, 0.12), GLOVE))
    return join(parts)


def coloured(solid: Solid, colour: Colour) -> Solid:
    """The solid with what was made in `MARK` in another colour."""
    colours = solid.colours.copy()
    colours[(colours[:, :3] == MARK).all(axis=1), :3] = colour
    return replace(solid, colours=colours)
