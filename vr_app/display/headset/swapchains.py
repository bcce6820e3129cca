"""Swapchains: pictures that the compositor owns and we fill one after the other.

It knows their OpenGL names; what is copied into them is another's affair.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from vr_app.display.headset.runtime import destroy_quietly

WAIT_NS: Final = 200_000_000  # for a picture; a runtime that takes longer has died


@dataclass(slots=True)
class Swapchain:
    """One swapchain of pictures of (width, height) pixels; names: their OpenGL textures."""

    xr: Any
    handle: Any
    width: int
    height: int
    number: int  # OpenGL's, of the format
    names: list[int] = field(default_factory=list)

    def acquire(self) -> int:
        """The OpenGL name of the picture to fill now. Raises pyopenxr's exceptions."""
        xr = self.xr
        index: int = xr.acquire_swapchain_image(self.handle, xr.SwapchainImageAcquireInfo())
        xr.wait_swapchain_image(self.handle, xr.SwapchainImageWaitInfo(timeout=WAIT_NS))
        return int(self.names[index])

    def release(self) -> None:
        """It is filled."""
        self.xr.release_swapchain_image(self.handle, self.xr.SwapchainImageReleaseInfo())

    def sub_image(self) -> Any:
        """All of it, for a layer."""
        xr = self.xr
        return xr.SwapchainSubImage(
            swapchain=self.handle,
            image_rect=xr.Rect2Di(xr.Offset2Di(0, 0), xr.Extent2Di(self.width, self.height)),
        )

    def close(self) -> None:
        """Give it back, before its session."""
        handle, self.handle = self.handle, None
        destroy_quietly(self.xr, self.xr.destroy_swapchain, handle)


def make_swapchain(
    xr: Any, session: Any, size: tuple[int, int], number: int, *, depth: bool = False
) -> Swapchain:
    """A swapchain of `size` (width, height) in OpenGL's format `number`."""
    usage = xr.SwapchainUsageFlags
    handle = xr.create_swapchain(
        session,
        xr.SwapchainCreateInfo(
            usage_flags=(
                usage.DEPTH_STENCIL_ATTACHMENT_BIT if depth else usage.COLOR_ATTACHMENT_BIT
            )
            | usage.SAMPLED_BIT,
            format=number,
            sample_count=1,
            width=size[0],
            height=size[1],
            face_count=1,
            array_size=1,
            mip_count=1,
        ),
    )
    chain = Swapchain(xr, handle, size[0], size[1], number)
    images = xr.enumerate_swapchain_images(handle, xr.SwapchainImageOpenGLKHR)
    chain.names = [int(image.image) for image in images]
    return chain
