"""The window's OpenGL context as OpenXR wants it, and the pace of its frames.

It reads what is current on the calling thread; it makes and destroys no context.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Any


def graphics_binding(xr: Any) -> Any:
    """XrGraphicsBindingOpenGL...KHR of the current context. Raises RuntimeError where none is."""
    if sys.platform == "win32":
        from OpenGL import WGL

        device, context = WGL.wglGetCurrentDC(), WGL.wglGetCurrentContext()
        if not context:
            raise RuntimeError("no OpenGL context is current")
        return xr.GraphicsBindingOpenGLWin32KHR(h_dc=device, h_glrc=context)
    return _glx_binding(xr)


def _glx_binding(xr: Any) -> Any:
    from OpenGL import GLX

    display = GLX.glXGetCurrentDisplay()
    context = GLX.glXGetCurrentContext()
    if not context:
        raise RuntimeError("no OpenGL context is current")
    number = ctypes.c_int()
    GLX.glXQueryContext(display, context, GLX.GLX_FBCONFIG_ID, ctypes.byref(number))
    screen = ctypes.c_int()
    GLX.glXQueryContext(display, context, GLX.GLX_SCREEN, ctypes.byref(screen))
    wanted = (ctypes.c_int * 3)(GLX.GLX_FBCONFIG_ID, number.value, 0)
    count = ctypes.c_int()
    configs = GLX.glXChooseFBConfig(display, screen.value, wanted, ctypes.byref(count))
    if not configs or count.value < 1:
        raise RuntimeError("the OpenGL context names no frame buffer configuration")
    config = configs[0]
    visual = GLX.glXGetVisualFromFBConfig(display, config)
    # Its fields are read by place: PyOpenGL leaves XVisualInfo opaque in some versions.
    visual_id = ctypes.cast(visual, ctypes.POINTER(_XVisualInfo)).contents.visualid
    return xr.GraphicsBindingOpenGLXlibKHR(
        x_display=display,
        visualid=visual_id,
        glx_fbconfig=config,
        glx_drawable=GLX.glXGetCurrentDrawable(),
        glx_context=context,
    )


class _XVisualInfo(ctypes.Structure):
    """The head of Xlib's XVisualInfo."""

    _fields_ = (("visual", ctypes.c_void_p), ("visualid", ctypes.c_ulong))


def wait_for_screen(wanted: bool) -> bool:
    """Whether frames of the current window wait for its screen, from now on; False where the
    driver cannot be told. A headset keeps its own pace, and the screen's would halve it."""
    interval = 1 if wanted else 0
    from OpenGL.platform import PLATFORM

    if sys.platform == "win32":
        address = PLATFORM.getExtensionProcedure(b"wglSwapIntervalEXT")
        if not address:
            return False
        return bool(ctypes.WINFUNCTYPE(ctypes.c_int, ctypes.c_int)(address)(interval))
    address = PLATFORM.getExtensionProcedure(b"glXSwapIntervalMESA")
    if address:
        return int(ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_uint)(address)(interval)) == 0
    address = PLATFORM.getExtensionProcedure(b"glXSwapIntervalEXT")
    if not address:
        return False
    from OpenGL import GLX

    display = ctypes.cast(GLX.glXGetCurrentDisplay(), ctypes.c_void_p)
    kind = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_int)
    kind(address)(display, GLX.glXGetCurrentDrawable(), interval)
    return True
