"""Copies our own pictures into the compositor's, inside a draw callback of Panda3D's.

It leaves OpenGL's state as Panda3D believes it to be; it draws nothing.
"""

from __future__ import annotations

from typing import Any

from vr_app.display.headset.choices import ColourFormat

Rectangle = tuple[int, int, int, int]  # x0, y0, x1, y1


class Blitter:
    """Two frame buffers of our own, of the current context. Frame thread, context current."""

    def __init__(self) -> None:
        from OpenGL import GL

        self._gl: Any = GL
        self._from, self._to = (int(name) for name in GL.glGenFramebuffers(2))
        self._between: dict[tuple[int, int], int] = {}

    def copy(
        self,
        source: int,
        part: Rectangle,
        target: int,
        size: tuple[int, int],
        colour: ColourFormat,
    ) -> None:
        """The part of texture `source` onto all of texture `target` (width, height).

        Our pictures are sRGB-encoded. A target that is read as encoded takes the bytes as they
        are; one that is read as linear light gets them decoded.
        """
        gl = self._gl
        if colour.encoded:
            self._blit(source, part, target, size, gl.GL_COLOR_BUFFER_BIT, decode=False)
            return
        between = self._encoded_texture(size)
        self._blit(source, part, between, size, gl.GL_COLOR_BUFFER_BIT, decode=False)
        self._blit(between, (0, 0, *size), target, size, gl.GL_COLOR_BUFFER_BIT, decode=True)

    def copy_depth(self, source: int, part: Rectangle, target: int, size: tuple[int, int]) -> None:
        """The part of a depth texture onto one of the same format and size."""
        self._blit(source, part, target, size, self._gl.GL_DEPTH_BUFFER_BIT, decode=False)

    def _blit(
        self,
        source: int,
        part: Rectangle,
        target: int,
        size: tuple[int, int],
        bits: int,
        *,
        decode: bool,
    ) -> None:
        gl = self._gl
        colours = bits == gl.GL_COLOR_BUFFER_BIT
        place = gl.GL_COLOR_ATTACHMENT0 if colours else gl.GL_DEPTH_ATTACHMENT
        read = gl.glGetIntegerv(gl.GL_READ_FRAMEBUFFER_BINDING)
        drawn = gl.glGetIntegerv(gl.GL_DRAW_FRAMEBUFFER_BINDING)
        scissor = gl.glIsEnabled(gl.GL_SCISSOR_TEST)
        encoding = gl.glIsEnabled(gl.GL_FRAMEBUFFER_SRGB)
        # A scissor would cut the copy down to a corner.
        gl.glDisable(gl.GL_SCISSOR_TEST)
        (gl.glEnable if decode else gl.glDisable)(gl.GL_FRAMEBUFFER_SRGB)
        gl.glBindFramebuffer(gl.GL_READ_FRAMEBUFFER, self._from)
        gl.glFramebufferTexture2D(gl.GL_READ_FRAMEBUFFER, place, gl.GL_TEXTURE_2D, source, 0)
        gl.glBindFramebuffer(gl.GL_DRAW_FRAMEBUFFER, self._to)
        gl.glFramebufferTexture2D(gl.GL_DRAW_FRAMEBUFFER, place, gl.GL_TEXTURE_2D, target, 0)
        same = (part[2] - part[0], part[3] - part[1]) == size
        way = gl.GL_NEAREST if same or not colours else gl.GL_LINEAR
        gl.glBlitFramebuffer(*part, 0, 0, *size, bits, way)
        for which in (gl.GL_READ_FRAMEBUFFER, gl.GL_DRAW_FRAMEBUFFER):
            gl.glFramebufferTexture2D(which, place, gl.GL_TEXTURE_2D, 0, 0)
        gl.glBindFramebuffer(gl.GL_READ_FRAMEBUFFER, read)
        gl.glBindFramebuffer(gl.GL_DRAW_FRAMEBUFFER, drawn)
        if scissor:
            gl.glEnable(gl.GL_SCISSOR_TEST)
        (gl.glEnable if encoding else gl.glDisable)(gl.GL_FRAMEBUFFER_SRGB)

    def _encoded_texture(self, size: tuple[int, int]) -> int:
        """A texture between ours and a linear target, whose bytes count as sRGB-encoded."""
        gl = self._gl
        if size not in self._between:
            before = gl.glGetIntegerv(gl.GL_TEXTURE_BINDING_2D)
            name = int(gl.glGenTextures(1))
            gl.glBindTexture(gl.GL_TEXTURE_2D, name)
            gl.glTexImage2D(
                gl.GL_TEXTURE_2D,
                0,
                gl.GL_SRGB8_ALPHA8,
                *size,
                0,
                gl.GL_RGBA,
                gl.GL_UNSIGNED_BYTE,
                None,
            )
            gl.glTexParameteri(gl.GL_TEXTURE_2D, gl.GL_TEXTURE_MIN_FILTER, gl.GL_NEAREST)
            gl.glBindTexture(gl.GL_TEXTURE_2D, before)
            self._between[size] = name
        return self._between[size]

    def format_of(self, texture: int) -> int:
        """OpenGL's number of a texture's format."""
        gl = self._gl
        before = gl.glGetIntegerv(gl.GL_TEXTURE_BINDING_2D)
        gl.glBindTexture(gl.GL_TEXTURE_2D, texture)
        number = gl.glGetTexLevelParameteriv(gl.GL_TEXTURE_2D, 0, gl.GL_TEXTURE_INTERNAL_FORMAT)
        gl.glBindTexture(gl.GL_TEXTURE_2D, before)
        return int(number)

    def settle(self) -> None:
        """Forget errors that a runtime left in our context (SteamVR on Linux does)."""
        for _ in range(8):
            if self._gl.glGetError() == self._gl.GL_NO_ERROR:
                return

    def close(self) -> None:
        """Give the frame buffers back."""
        gl = self._gl
        gl.glDeleteFramebuffers(2, [self._from, self._to])
        names = list(self._between.values())
        if names:
            gl.glDeleteTextures(names)
        self._between.clear()
