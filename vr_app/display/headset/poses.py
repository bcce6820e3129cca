"""Poses and pictures' edges: from OpenXR's axes to the rig's, and to matrices that Panda3D takes.

Pure numbers; it draws nothing. OpenXR: x right, y up, z back; quaternions x, y, z, w. The rig and
Panda3D: x right, y ahead, z up; quaternions w, x, y, z. Matrices are Panda3D's: a point is a row,
multiplied from the left (`point @ matrix`), and clip space is OpenGL's (-1..1 in all three).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vr_app.display.tracking import RigPose, turned

Array = npt.NDArray[np.float64]
# The smallest distance (m) at which anything is drawn, whatever a caller asks for.
_NEAREST_M = 1e-3


@dataclass(frozen=True, slots=True)
class Fov:
    """The edges of an eye's picture: angles in radians from straight ahead, left and down
    negative (XrFovf)."""

    left: float
    right: float
    up: float
    down: float

    def tangents(self) -> tuple[float, float, float, float]:
        """left, right, up, down as slopes. Raises ValueError for edges that hold no picture."""
        edges = (self.left, self.right, self.up, self.down)
        if not all(math.isfinite(edge) and abs(edge) < math.pi / 2 for edge in edges):
            raise ValueError(f"no field of view: {self}")
        left, right, up, down = (math.tan(edge) for edge in edges)
        if right <= left or up <= down:
            raise ValueError(f"no field of view: {self}")
        return left, right, up, down


@dataclass(frozen=True, slots=True)
class EyeView:
    """One eye: where it is in the rig, and the edges of its picture."""

    pose: RigPose
    fov: Fov


@dataclass(frozen=True, slots=True)
class SharedView:
    """Both eyes drawn with one cull.

    head: the pose of the one camera; cull: (4, 4) a projection whose frustum holds every eye's;
    eyes: (4, 4) per eye, from the camera's frame to that eye's clip space.
    """

    head: RigPose
    cull: Array
    eyes: tuple[Array, ...]


# -- between OpenXR and the rig -----------------------------------------------------------------


def rig_position(xyz: Sequence[float]) -> Array:
    """(3,) metres in the rig from OpenXR's (x, y, z)."""
    x, y, z = xyz
    return np.array([x, -z, y], dtype=np.float64)


def rig_orientation(xyzw: Sequence[float]) -> Array:
    """(4,) unit w, x, y, z in the rig from OpenXR's (x, y, z, w). A quaternion of no length (a
    runtime that has never tracked) is no turn."""
    x, y, z, w = xyzw
    turn = np.array([w, x, -z, y], dtype=np.float64)
    length = float(np.linalg.norm(turn))
    return turn / length if length > 1e-6 else np.array([1.0, 0.0, 0.0, 0.0])


def rig_pose(xyzw: Sequence[float], xyz: Sequence[float]) -> RigPose:
    """A pose in the rig from OpenXR's orientation and position."""
    return RigPose(rig_position(xyz), rig_orientation(xyzw))


def openxr_position(position: Array) -> tuple[float, float, float]:
    """OpenXR's (x, y, z) from (3,) metres in the rig."""
    x, y, z = (float(value) for value in position)
    return x, z, -y


def openxr_orientation(orientation: Array) -> tuple[float, float, float, float]:
    """OpenXR's (x, y, z, w) from (4,) w, x, y, z in the rig."""
    w, x, y, z = (float(value) for value in orientation)
    return x, z, -y, w


# -- turns --------------------------------------------------------------------------------------


def undone(orientation: Array) -> Array:
    """The turn back."""
    back: Array = orientation * np.array([1.0, -1.0, -1.0, -1.0])
    return back


def half_way(first: Array, second: Array) -> Array:
    """The turn between two, by the shorter way."""
    middle = first + (second if float(first @ second) >= 0.0 else -second)
    length = float(np.linalg.norm(middle))
    return np.asarray(middle / length) if length > 1e-6 else first


def pose_matrix(pose: RigPose) -> Array:
    """(4, 4): from a body's own frame to the rig's (rows; Panda3D's `set_mat`)."""
    matrix = np.eye(4)
    matrix[:3, :3] = turned(pose.orientation, np.eye(3))
    matrix[3, :3] = pose.position
    return matrix


def pose_matrix_back(pose: RigPose) -> Array:
    """(4, 4): from the rig's frame to a body's own."""
    matrix = np.eye(4)
    back = turned(undone(pose.orientation), np.eye(3))
    matrix[:3, :3] = back
    matrix[3, :3] = -pose.position @ back
    return matrix


# -- projections --------------------------------------------------------------------------------


def projection(fov: Fov, near: float, far: float) -> Array:
    """(4, 4): from an eye's frame (x right, y ahead, z up) to clip space: what Panda3D's
    `MatrixLens.set_user_mat` takes. near, far: metres. Raises ValueError."""
    left, right, up, down = fov.tangents()
    return _projection(left, right, up, down, near, far)


def _projection(
    left: float, right: float, up: float, down: float, near: float, far: float
) -> Array:
    if not 0.0 < near < far < math.inf:
        raise ValueError(f"no depth between {near} and {far}")
    matrix = np.zeros((4, 4))
    matrix[0, 0] = 2.0 / (right - left)
    matrix[2, 1] = 2.0 / (up - down)
    matrix[1] = [
        -(right + left) / (right - left),
        -(up + down) / (up - down),
        (far + near) / (far - near),
        1.0,
    ]
    matrix[3, 2] = -2.0 * far * near / (far - near)
    return matrix


def head_of(eyes: Sequence[RigPose]) -> RigPose:
    """The pose between two eyes; of one eye, its own."""
    first, last = eyes[0], eyes[-1]
    return RigPose(
        (first.position + last.position) / 2.0, half_way(first.orientation, last.orientation)
    )


def shared_view(eyes: Sequence[EyeView], near: float, far: float) -> SharedView:
    """One camera between the eyes whose frustum holds what each of them sees, canted screens too.

    near, far: metres from each eye. Raises ValueError for fields of view that no one frustum holds
    (an edge a right angle or more from the way that the head faces).
    """
    head = head_of([eye.pose for eye in eyes])
    to_head_from_rig = pose_matrix_back(head)
    slopes, places, depths, matrices = [], [], [], []
    for eye in eyes:
        to_head_from_eye = pose_matrix(eye.pose) @ to_head_from_rig
        corners = _corners(eye.fov) @ to_head_from_eye[:3, :3]
        if float(corners[:, 1].min()) <= 1e-3:
            raise ValueError(f"no one frustum holds {eye.fov}")
        place = to_head_from_eye[3, :3]
        slopes.append(corners[:, [0, 2]] / corners[:, 1:2])
        places.append(place)
        depths += [place[1] + near * corners[:, 1], place[1] + far * corners[:, 1]]
        matrices.append(np.linalg.inv(to_head_from_eye) @ projection(eye.fov, near, far))
    low, high = np.concatenate(slopes).min(axis=0), np.concatenate(slopes).max(axis=0)
    apex = _apex(np.array(places), low, high)
    reach = np.concatenate(depths) - apex[1]
    to_apex_from_head = np.eye(4)
    to_apex_from_head[3, :3] = -apex
    cull = to_apex_from_head @ _projection(
        float(low[0]),
        float(high[0]),
        float(high[1]),
        float(low[1]),
        max(_NEAREST_M, float(reach.min())),
        float(reach.max()),
    )
    return SharedView(head, cull, tuple(matrices))


def _corners(fov: Fov) -> Array:
    """(4, 3): the picture's corners one metre ahead, in the eye's frame."""
    left, right, up, down = fov.tangents()
    return np.array([[x, 1.0, z] for x in (left, right) for z in (up, down)])


def _apex(places: Array, low: Array, high: Array) -> Array:
    """(3,): the foremost tip of a frustum with these slopes that has all eyes (n, 3) inside.

    An eye is inside if its place, seen from the tip, lies between the slopes; then all that it sees
    does too, as its own slopes lie between them.
    """
    across, ahead = places[:, [0, 2]], places[:, 1:2]
    # For a tip `back` metres behind the head, its x (and z) must lie between these two.
    least = (across - high * ahead).max(axis=0)
    most = (across - low * ahead).min(axis=0)
    back = max(0.0, float(((least - most) / (high - low)).max()))
    middle = (least - high * back + most - low * back) / 2.0
    return np.array([middle[0], -back, middle[1]])
