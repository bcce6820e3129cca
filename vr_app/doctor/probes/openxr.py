"""Asks the OpenXR loader for a runtime and a headset, and prints their names.

Never starts a session: nothing appears in the headset.
"""

from __future__ import annotations

import json

import xr


def _probe() -> dict[str, object]:
    try:
        offered = xr.enumerate_instance_extension_properties()
    except xr.RuntimeUnavailableError:
        return {"runtime": None}
    except xr.XrException as error:
        return {"reason": f"{type(error).__name__}: {error}"}
    names = sorted(
        name.decode() if isinstance(name, bytes) else str(name)
        for name in (extension.extension_name for extension in offered)
    )
    try:
        instance = xr.create_instance(
            xr.InstanceCreateInfo(
                application_info=xr.ApplicationInfo("kenish doctor", 1, "kenish", 1)
            )
        )
    except xr.RuntimeUnavailableError:
        return {"runtime": None}
    except xr.XrException as error:
        return {"reason": f"{type(error).__name__}: {error}"}
    properties = xr.get_instance_properties(instance)
    found: dict[str, object] = {
        "runtime": _text(properties.runtime_name),
        "system": None,
        "opengl": "XR_KHR_opengl_enable" in names,
    }
    try:
        system = xr.get_system(
            instance, xr.SystemGetInfo(form_factor=xr.FormFactor.HEAD_MOUNTED_DISPLAY)
        )
        found["system"] = _text(xr.get_system_properties(instance, system).system_name)
    except xr.XrException:
        pass  # a runtime without a headset is worth saying, and no fault
    xr.destroy_instance(instance)
    return found


def _text(value: object) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


if __name__ == "__main__":
    print(json.dumps(_probe()), flush=True)  # noqa: T201
