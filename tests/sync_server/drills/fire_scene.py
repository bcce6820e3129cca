"""A small scene with all that the fire drill needs, and people who act it out."""

from __future__ import annotations

from scenes.schema import Datastream, ObjectAction, Place, Scene, SceneObject, Sensor, Simulation

REFUGE = (50.0, 0.0, 0.0)


def _thing(name: str, kind: str, states: list[str], *actions: tuple[str, str, str]) -> SceneObject:
    """An object; actions are (id, state it leads to, event)."""
    return SceneObject.model_validate(
        {
            "id": name,
            "kind": kind,
            "title": {"en": name},
            "position": (1.0, 1.0, 1.0),
            "states": states,
            "initial": states[0],
            "actions": [
                ObjectAction(id=one, title={"en": one}, to_state=state, event=event)
                for one, state, event in actions
            ],
        }
    )


def fire_scene() -> Scene:
    """A refuge 50 m from where everybody stands, two self-rescuers, a telephone, a fan."""
    rescuer = (
        ("don", "worn", "self_rescuer_donned"),
        ("doff", "stowed", "self_rescuer_removed"),
    )
    return Scene(
        name="mine",
        places=[
            Place(id="refuge-1", kind="refuge", title={"en": "Refuge"}, position=REFUGE),
            Place(id="portal", kind="portal", title={"en": "Portal"}, position=(500.0, 0, 0)),
            Place(id="decline-1", kind="decline", title={"en": "D1"}, position=(0.0, 90.0, 0.0)),
        ],
        sensors=[
            Sensor(
                id="gas",
                title={"en": "Gas"},
                position=(0.0, 0.0, 2.0),
                datastreams=[
                    Datastream(
                        id="co-1",
                        property="co",
                        unit="[ppm]",
                        range=(0.0, 1000.0),
                        interval_s=1.0,
                        simulation=Simulation(mean=4.0),
                    )
                ],
            )
        ],
        objects=[
            _thing("rescuer-1", "self_rescuer", ["stowed", "worn"], *rescuer),
            _thing("rescuer-2", "self_rescuer", ["stowed", "worn"], *rescuer),
            _thing("phone", "telephone", ["idle", "used"], ("raise_alarm", "used", "alarm_raised")),
            _thing(
                "door",
                "door",
                ["open", "closed"],
                ("close", "closed", "refuge_door_closed"),
                ("open", "open", "refuge_door_opened"),
            ),
            _thing("purge", "valve", ["shut", "purged"], ("purge", "purged", "refuge_purged")),
            _thing(
                "fan",
                "switch",
                ["running", "stopped", "reversed"],
                ("run", "running", "fan_started"),
                ("stop", "stopped", "fan_stopped"),
                ("reverse", "reversed", "fan_reversed"),
            ),
        ],
    )
