"""The plan map: where one is in the mine, seen from above, with north up."""

from vr_app.ui.plan_map.map_panel import MapPainter, MapPerson, MapSensor, MapState
from vr_app.ui.plan_map.plan import Plan, PlanPlace, plan_of_scene
from vr_app.ui.plan_map.view import MapView

__all__ = [
    "MapPainter",
    "MapPerson",
    "MapSensor",
    "MapState",
    "MapView",
    "Plan",
    "PlanPlace",
    "plan_of_scene",
]
