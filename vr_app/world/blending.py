"""How what is looked through is blended with what stands behind it."""

from __future__ import annotations

from panda3d.core import ColorBlendAttrib, NodePath, Vec4


def blend_through(node: NodePath) -> None:
    """Draw the node over what is there by its alpha, and leave what it covers as solid as it was:
    in a headset that shows the room around, a pane before rock must not open a hole."""
    node.set_attrib(
        ColorBlendAttrib.make(
            ColorBlendAttrib.M_add,
            ColorBlendAttrib.O_incoming_alpha,
            ColorBlendAttrib.O_one_minus_incoming_alpha,
            ColorBlendAttrib.M_add,
            ColorBlendAttrib.O_one,
            ColorBlendAttrib.O_one_minus_incoming_alpha,
            Vec4(0),
        )
    )


def blend_not(node: NodePath) -> None:
    """Draw the node as what is above it is drawn."""
    node.clear_attrib(ColorBlendAttrib)
