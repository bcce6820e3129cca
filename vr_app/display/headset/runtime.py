"""Finds an OpenXR runtime and a headset: is one registered, load pyopenxr, make the instance.

`Attempt` does what may block (loading, xrCreateInstance, xrGetSystem) in a thread of its own. It
never makes a session, which needs the window's OpenGL context.
"""

from __future__ import annotations

import os
import platform as machine_platform
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from vr_app.display.headset import choices
from vr_app.display.headset.choices import Features
from vr_app.display.headset.lifecycle import Away

VALIDATION_LAYER: Final = "XR_APILAYER_LUNARG_core_validation"
_REGISTERED: Final = "openxr/1/active_runtime.json"
_REGISTERED_64: Final = "openxr/1/active_runtime.x86_64.json"


def runtime_registered(
    platform: str = sys.platform, environment: Mapping[str, str] | None = None
) -> bool:
    """Whether this machine names an OpenXR runtime; a look at files or the registry, no loading."""
    env = os.environ if environment is None else environment
    named = env.get("XR_RUNTIME_JSON")
    if named:
        return Path(named).is_file()
    if platform == "win32":
        return _in_registry()
    home = Path(env.get("HOME") or "/")
    folders = [Path(env.get("XDG_CONFIG_HOME") or home / ".config")]
    folders += [Path(part) for part in (env.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(":")]
    folders += [Path("/etc"), Path("/usr/local/etc")]
    return any(
        (folder / name).is_file() for folder in folders for name in (_REGISTERED, _REGISTERED_64)
    )


def _in_registry() -> bool:
    if sys.platform != "win32":
        return False
    import winreg

    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SOFTWARE\Khronos\OpenXR\1") as key:
            return bool(winreg.QueryValueEx(key, "ActiveRuntime")[0])
    except OSError:
        return False


def load_xr() -> Any:
    """The module `xr`, with PyOpenGL on the platform that Panda3D draws with. Raises ImportError
    or OSError where there is none."""
    # PyOpenGL takes EGL wherever Wayland runs, while Panda3D draws with GLX.
    if sys.platform.startswith("linux"):
        os.environ.setdefault("PYOPENGL_PLATFORM", "glx")
    import OpenGL

    OpenGL.ERROR_CHECKING = False
    OpenGL.ERROR_ON_COPY = False
    import xr

    return xr


@dataclass(slots=True)
class Found:
    """An instance and a headset. eyes: (recommended width, height, largest width, height) per
    eye; layers: how many composition layers the compositor takes."""

    xr: Any
    instance: Any
    system: int
    features: Features
    runtime_name: str
    system_name: str
    layers: int
    eyes: tuple[tuple[int, int, int, int], ...]
    blend_modes: tuple[int, ...]


def text_of(value: object) -> str:
    """What a runtime calls something; it need not be valid UTF-8."""
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _offer_wheels_layers(xr: Any) -> None:
    """Let the loader find the layers that came with pyopenxr, unless others were named."""
    name = machine_platform.machine().lower()
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(name, name)
    system = "windows" if sys.platform == "win32" else "linux"
    folder = Path(xr.__file__).parent / "api_layer" / f"{system}_{machine}"
    if folder.is_dir():
        os.environ.setdefault("XR_API_LAYER_PATH", str(folder))


def make_instance(xr: Any, validate: bool) -> tuple[Any, Features]:
    """(instance, what it was made with). Raises pyopenxr's exceptions; `LookupError` where the
    runtime cannot work with OpenGL."""
    if validate:
        _offer_wheels_layers(xr)
    offered = [text_of(one.extension_name) for one in xr.enumerate_instance_extension_properties()]
    features = choices.choose_extensions(offered)
    if features.missing:
        raise LookupError(", ".join(features.missing))
    instance = xr.create_instance(
        xr.InstanceCreateInfo(
            application_info=xr.ApplicationInfo(
                "Kenish", 1, "Kenish", 1, xr.Version(*choices.API_VERSION)
            ),
            enabled_api_layer_names=[VALIDATION_LAYER] if validate else [],
            enabled_extension_names=list(features.enable),
        )
    )
    return instance, features


def find_headset(xr: Any, instance: Any, features: Features) -> Found:
    """The headset of an instance. Raises pyopenxr's exceptions."""
    system = xr.get_system(
        instance, xr.SystemGetInfo(form_factor=xr.FormFactor.HEAD_MOUNTED_DISPLAY)
    )
    about = xr.get_system_properties(instance, system)
    stereo = xr.ViewConfigurationType.PRIMARY_STEREO
    sizes = tuple(
        (
            int(view.recommended_image_rect_width),
            int(view.recommended_image_rect_height),
            int(view.max_image_rect_width),
            int(view.max_image_rect_height),
        )
        for view in xr.enumerate_view_configuration_views(instance, system, stereo)
    )
    blends = xr.enumerate_environment_blend_modes(instance, system, stereo)
    return Found(
        xr,
        instance,
        system,
        features,
        text_of(xr.get_instance_properties(instance).runtime_name),
        text_of(about.system_name),
        int(about.graphics_properties.max_layer_count),
        sizes,
        tuple(int(getattr(mode, "value", mode)) for mode in blends),
    )


class Attempt:
    """One attempt at a headset, in a thread. `result` is None while it runs, then `Found`, or why
    there is none with the reason in words."""

    def __init__(
        self,
        load: Callable[[], Any] = load_xr,
        registered: Callable[[], bool] = runtime_registered,
        *,
        instance: tuple[Any, Any, Features] | None = None,
        validate: bool = False,
    ) -> None:
        self._load, self._registered, self._validate = load, registered, validate
        self.kept = instance  # (xr, instance, features) of an earlier attempt
        self.result: Found | tuple[Away, str] | None = None
        self._thread = threading.Thread(target=self._run, name="headset", daemon=True)
        self._thread.start()

    def wait(self, seconds: float) -> None:
        """Until it is over, at most `seconds`."""
        self._thread.join(seconds)

    def _run(self) -> None:
        try:
            self.result = self._try()
        except Exception as error:  # drivers raise anything; the program lives on
            self.result = (Away.REFUSED, f"{type(error).__name__}: {error}")

    def _try(self) -> Found | tuple[Away, str]:
        if self.kept is None:
            if not self._registered():
                return (Away.NO_RUNTIME, "")
            try:
                xr = self._load()
            except (ImportError, OSError, AttributeError) as error:
                return (Away.NO_RUNTIME, str(error))
            try:
                instance, features = make_instance(xr, self._validate)
            except LookupError as error:
                return (Away.REFUSED, str(error))
            except xr.XrException as error:
                return (Away.NO_RUNTIME, f"{type(error).__name__}: {error}")
            self.kept = (xr, instance, features)
        xr, instance, features = self.kept
        try:
            return find_headset(xr, instance, features)
        except (xr.FormFactorUnavailableError, xr.FormFactorUnsupportedError) as error:
            return (Away.NO_HEADSET, str(error))
        except xr.XrException as error:
            # An instance that fails otherwise is of no more use.
            self.kept = None
            destroy_quietly(xr, xr.destroy_instance, instance)
            return (Away.NO_RUNTIME, f"{type(error).__name__}: {error}")


def destroy_quietly(xr: Any, destroy: Callable[[Any], None], handle: Any) -> None:
    """Give a handle back; a runtime that is gone has taken it along already."""
    if handle is None:
        return
    try:
        destroy(handle)
    except xr.XrException:
        return
