"""Asks the OpenXR runtime for everything that can be known of a headset without a session.

Nothing appears in the headset; it prints one JSON object for `vr_app.doctor.headset`.
"""

from __future__ import annotations

import json
from typing import Any

from vr_app.display.headset import bindings, runtime


def _probe() -> dict[str, object]:
    try:
        xr = runtime.load_xr()
    except (ImportError, OSError) as error:
        return {"reason": str(error)}
    try:
        offered = xr.enumerate_instance_extension_properties()
        extensions = sorted(runtime.text_of(one.extension_name) for one in offered)
        instance, features = runtime.make_instance(xr, validate=False)
    except xr.RuntimeUnavailableError:
        return {"runtime": None}
    except LookupError as error:
        return {"reason": f"no {error}"}
    except xr.XrException as error:
        return {"reason": f"{type(error).__name__}: {error}"}
    about = xr.get_instance_properties(instance)
    version = int(about.runtime_version)
    found: dict[str, object] = {
        "runtime": runtime.text_of(about.runtime_name),
        "version": f"{version >> 48}.{version >> 32 & 0xFFFF}.{version & 0xFFFFFFFF}",
        "system": None,
        "extensions": extensions,
        "enabled": list(features.enable),
        "profiles": _profiles(xr, instance, features.enable),
    }
    try:
        headset = runtime.find_headset(xr, instance, features)
        found["system"] = headset.system_name
        found["layers"] = headset.layers
        found["views"] = [list(eye) for eye in headset.eyes]
        found["blend_modes"] = list(headset.blend_modes)
    except xr.XrException:
        pass  # a runtime without a headset is worth saying, and no fault
    xr.destroy_instance(instance)
    return found


def _profiles(xr: Any, instance: Any, enabled: tuple[str, ...]) -> dict[str, bool]:
    """Whether the runtime takes our suggestions, by profile."""
    group = xr.create_action_set(instance, xr.ActionSetCreateInfo("doctor", "Doctor", 0))
    hands = [xr.string_to_path(instance, path) for path in bindings.HAND_PATHS.values()]
    actions = {
        action.name: xr.create_action(
            group,
            xr.ActionCreateInfo(
                action_name=action.name,
                action_type=xr.ActionType(int(action.kind)),
                subaction_paths=hands,
                localized_action_name=action.name,
            ),
        )
        for action in bindings.ACTIONS
    }
    taken = {}
    for profile in bindings.usable_profiles(enabled):
        rows = [
            xr.ActionSuggestedBinding(actions[name], xr.string_to_path(instance, path))
            for name, path in profile.suggestions()
        ]
        asked = xr.InteractionProfileSuggestedBinding(
            interaction_profile=xr.string_to_path(instance, profile.path), suggested_bindings=rows
        )
        try:
            xr.suggest_interaction_profile_bindings(instance, asked)
            taken[profile.path] = True
        except xr.XrException:
            taken[profile.path] = False
    xr.destroy_action_set(group)
    return taken


if __name__ == "__main__":
    print(json.dumps(_probe()), flush=True)  # noqa: T201
