"""Notes that people left in the mine, and the mark around the object that can be used.

What a note says and where it stands comes from the room's records.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from panda3d.core import NodePath

from vr_app.overlay.images import PreparedImage, prepare
from vr_app.overlay.paint_queue import PaintQueue
from vr_app.overlay.world_label import LabelSize, WorldLabel, make_label_root
from vr_app.ui import theme
from vr_app.ui.note import paint_note, paint_ring
from vr_app.ui.theme import Colour

MAX_NOTES: Final = 500
NOTE: Final = LabelSize(near_m=1.5, far_m=12.0, pixel_rad=0.45 / 623, pull_m=1.2)


class NoteLayer:
    """Notes by their record's id. Frame thread only."""

    def __init__(self, root: NodePath, painter: PaintQueue, scale: float = 2.0) -> None:
        self.root = make_label_root(root, "notes")
        self._painter, self._scale = painter, scale
        self._labels: dict[str, WorldLabel] = {}
        self._places: dict[str, tuple[float, float, float]] = {}
        self._gathered: tuple[list[str], npt.NDArray[np.float64]] | None = None

    def show(
        self,
        note_id: str,
        position: Sequence[float],
        author: str,
        text: str,
        colour: Colour,
    ) -> None:
        """Add a note, or change it; beyond 500 the oldest goes."""
        label = self._labels.get(note_id)
        if label is None:
            while len(self._labels) >= MAX_NOTES:
                self.hide(next(iter(self._labels)))
            label = WorldLabel(self.root, f"note {note_id}", position, NOTE, stem=60.0)
            self._labels[note_id] = label
        label.move(position)
        x, y, z = position
        self._places[note_id], self._gathered = (float(x), float(y), float(z)), None
        label.set_colour(colour)
        scale = self._scale
        self._painter.ask((self, note_id), lambda: paint_note(author, text, colour, scale))

    def hide(self, note_id: str) -> None:
        """Take a note away."""
        self._painter.forget((self, note_id))
        label = self._labels.pop(note_id, None)
        self._places.pop(note_id, None)
        self._gathered = None
        if label is not None:
            label.remove()

    def places(self) -> tuple[list[str], npt.NDArray[np.float64]]:
        """The notes' ids and where they stand: (n, 3) float64, metres in the scene frame."""
        if self._gathered is None:
            points = np.array(list(self._places.values()), np.float64).reshape(-1, 3)
            self._gathered = list(self._places), points
        return self._gathered

    def __len__(self) -> int:
        return len(self._labels)

    def owns(self, key: Hashable) -> bool:
        """Whether a finished image is one of ours."""
        return isinstance(key, tuple) and key[0] is self

    def take(self, key: Hashable, image: PreparedImage) -> None:
        """Show a finished image; one whose note has gone meanwhile is dropped."""
        assert isinstance(key, tuple)
        label = self._labels.get(key[1])
        if label is not None:
            label.take(image)

    def remove(self) -> None:
        """Take all notes out of the world."""
        self.root.remove_node()
        self._labels.clear()


class Highlight:
    """Four corners around the object that a person could use now."""

    def __init__(self, root: NodePath, scale: float = 2.0) -> None:
        self.root = make_label_root(root, "highlight")
        size = LabelSize(near_m=0.8, far_m=4.0, pixel_rad=1.0 / 623, pull_m=0.6)
        painted = paint_ring(theme.ACCENT, scale)
        # Centred on the object: the image hangs half its height below the anchor.
        self._label = WorldLabel(
            self.root, "highlight", (0, 0, 0), size, stem=-painted.size[1] / 2, dot=False
        )
        self._label.take(prepare(painted))
        self._label.set_colour(theme.ACCENT, flash=True)
        self._label.show(False)

    def show(self, position: Sequence[float], time_s: float) -> None:
        """Frame the thing at this place (scene frame, metres)."""
        self.root.set_shader_input("time_s", time_s % 3600.0)
        self._label.move(position)
        self._label.show(True)

    def hide(self) -> None:
        """Nothing can be used."""
        self._label.show(False)

    @property
    def visible(self) -> bool:
        """Whether something is framed."""
        return not self._label.node.is_hidden()
