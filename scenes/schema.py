"""scene.yaml as pydantic models: frame, layers, places, networks, sensors, objects of a twin.

Positions are metres in the *scene* frame (survey minus `frame.origin`): +X east, +Y north, +Z up.
Reading and writing the file is `scenes.twin`; nothing here touches the disk.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

SCHEMA_VERSION = 1

Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Vector = tuple[Finite, Finite, Finite]
Titles = dict[Literal["en", "ru", "kk", "ja"], str]


class Model(BaseModel):
    """Base of every scene model: unknown keys are refused, so that a typing slip is seen."""

    model_config = ConfigDict(extra="forbid")


class Frame(Model):
    """How scene coordinates relate to the site's survey grid."""

    crs: str = Field("local", description='"local" or an authority code such as "EPSG:32644".')
    origin: tuple[int, int, int] = Field(
        (0, 0, 0), description="East, north, elevation of scene zero in the survey grid, metres."
    )
    vertical_reference: str = Field(
        "unknown", description='Name of the height system, or "unknown".'
    )
    grid_name: str = Field("", description="What the site calls its grid.")


# Who may see a layer: everybody who could enter, trainees and above, engineers and above.
Access = Literal["public", "project", "restricted"]


class LayerField(Model):
    """How a layer's scalar field is shown; its values lie in field.json beside the tileset."""

    title: Titles = {}
    unit: str = Field("", max_length=32, description="UCUM code where there is one.")
    colour_map: Literal["", "viridis", "cividis", "turbo", "diverging"] = Field(
        "", description="Empty: the one that the person has chosen."
    )
    range: tuple[Finite, Finite] | None = Field(
        None, description="Values of the map's ends; None: all that there are."
    )
    shown: bool = Field(True, description="Whether the layer is coloured by it to begin with.")


class Layer(Model):
    """One named set of geometry, baked to one 3D Tiles tileset."""

    id: Identifier
    kind: Literal[
        "terrain",
        "drift",
        "stope",
        "ore",
        "geology",
        "equipment",
        "water",
        "plan",
        "structure",
        "survey",
        "other",
    ] = "other"
    content: Literal["mesh", "points", "lines", "blocks"] = "mesh"
    title: Titles = {}
    tileset: str = Field(
        "", description="tileset.json, relative to the twin folder; empty: tiles/ID/tileset.json."
    )
    placement: tuple[Finite, ...] | None = Field(
        None,
        min_length=16,
        max_length=16,
        description="From the tileset's own frame to the scene's, a 4 x 4 matrix column by column "
        "as in 3D Tiles; None: they are the same.",
    )
    visible: bool = True
    opacity: float = Field(1.0, ge=0, le=1)
    ambient: float | None = Field(
        None, ge=0, le=1, description="Light of its own where no lamp reaches; None: by its kind."
    )
    wetness: float | None = Field(
        None, ge=0, le=1, description="How wet its rock and ground are; None: by its kind."
    )
    field: LayerField | None = Field(None, description="Set where its tiles carry values.")
    two_sided: bool = Field(
        False, description="Draw both sides: nobody vouches for the triangles' winding."
    )
    walkable: bool = Field(True, description="Whether people stand on it and are stopped by it.")
    survey_date: date | None = None
    accuracy_m: float | None = Field(None, ge=0, description="One sigma, metres; None: unknown.")
    access: Access = "project"
    valid_from: datetime | None = None
    valid_to: datetime | None = None

    @field_validator("placement")
    @classmethod
    def _is_affine(cls, values: tuple[float, ...] | None) -> tuple[float, ...] | None:
        if values is not None and values[3::4] != (0.0, 0.0, 0.0, 1.0):
            raise ValueError("its last row is not 0 0 0 1")
        return values

    @property
    def tileset_path(self) -> str:
        """Where the tileset lies, relative to the twin folder."""
        return self.tileset or f"tiles/{self.id}/tileset.json"


class Place(Model):
    """A named point that people talk about: a portal, a level station, a sump, a refuge."""

    id: Identifier
    kind: Literal[
        "portal",
        "level",
        "decline",
        "drift",
        "stope",
        "sump",
        "refuge",
        "fan",
        "raise",
        "pump",
        "workshop",
        "plant",
        "pond",
        "dam",
        "dump",
        "pit",
        "river",
        "other",
    ] = "other"
    title: Titles
    position: Vector
    radius_m: float = Field(6.0, gt=0, le=10_000, description="How near counts as being there.")
    level: str = Field("", description="The mine level it belongs to, by name.")


class Viewpoint(Model):
    """A saved eye: where it is and where it looks."""

    id: Identifier
    title: Titles
    position: Vector = Field(description="The eye (not the feet), metres.")
    azimuth_deg: Finite = Field(0.0, description="Grid azimuth of the gaze, clockwise from north.")
    pitch_deg: float = Field(0.0, ge=-90, le=90, description="Up is positive.")
    mode: Literal["walk", "fly"] = "walk"


class NetworkNode(Model):
    """A junction, sump, portal or surface point of a network."""

    id: Identifier
    position: Vector
    kind: str = "junction"
    place: Identifier | None = None


class NetworkEdge(Model):
    """A directed reach of a network: water runs, or air flows, from `start` to `end`."""

    id: Identifier
    start: Identifier
    end: Identifier
    kind: Literal[
        "drift", "decline", "raise", "ditch", "pipe", "pump", "fan", "stope", "river", "seep"
    ] = "drift"
    length_m: float = Field(gt=0)
    flow_m3_s: float | None = Field(None, description="Design flow of water or air, m3/s.")
    inflow_m3_s: float | None = Field(None, description="Water that joins along the reach, m3/s.")
    resistance_ns2_m8: float | None = Field(None, ge=0, description="Atkinson resistance.")


class Network(Model):
    """A graph of the mine: how water drains, how air flows, or where people can travel."""

    id: Identifier
    kind: Literal["drainage", "ventilation", "travel"]
    nodes: list[NetworkNode]
    edges: list[NetworkEdge]

    @model_validator(mode="after")
    def _ends_exist(self) -> Network:
        known = {node.id for node in self.nodes}
        for edge in self.edges:
            for end in (edge.start, edge.end):
                if end not in known:
                    raise ValueError(f"edge {edge.id}: node {end} does not exist")
        return self


class AlarmBand(Model):
    """A limit: values above (or below) it are a warning or an alarm."""

    level: Literal["warning", "alarm"]
    above: Finite | None = None
    below: Finite | None = None
    source: str = Field(description="Where the number comes from.")
    verified: bool = False

    @model_validator(mode="after")
    def _one_side(self) -> AlarmBand:
        if (self.above is None) == (self.below is None):
            raise ValueError("a band has either 'above' or 'below'")
        return self


class Simulation(Model):
    """How the simulator moves a datastream that no source feeds: value = mean + amplitude * sine
    of the period + noise, plus `drift_per_hour` after the start."""

    mean: Finite
    amplitude: Finite = 0.0
    period_s: float = Field(600.0, gt=0)
    noise: Finite = 0.0
    drift_per_hour: Finite = 0.0


class Datastream(Model):
    """One observed property of one sensor, after OGC SensorThings."""

    id: Identifier
    property: str = Field(description="What is observed: co, ch4, o2, ph, ec, flow, level ...")
    title: Titles = {}
    unit: str = Field(description="UCUM code; pH is [pH].")
    decimals: int = Field(1, ge=0, le=6)
    range: tuple[Finite, Finite] = Field(description="What the instrument can report.")
    interval_s: float = Field(5.0, gt=0, description="Expected time between observations.")
    bands: list[AlarmBand] = []
    simulation: Simulation | None = None


class Sensor(Model):
    """A thing that stands in the mine and observes."""

    id: Identifier
    title: Titles
    position: Vector
    place: Identifier | None = None
    drainage_node: Identifier | None = None
    ventilation_node: Identifier | None = None
    datastreams: list[Datastream]


class ObjectAction(Model):
    """What a person can do to an object: the state it leads to and the event it emits."""

    id: Identifier
    title: Titles
    from_states: list[Identifier] = Field([], description="Empty: from any state.")
    to_state: Identifier
    event: Identifier


class SceneObject(Model):
    """An interactable object: a valve, a self-rescuer, a door, a lever, a sampling point."""

    id: Identifier
    kind: Literal[
        "valve", "self_rescuer", "door", "lever", "sampling_point", "telephone", "switch", "other"
    ]
    title: Titles
    position: Vector
    azimuth_deg: Finite = 0.0
    place: Identifier | None = None
    states: list[Identifier]
    initial: Identifier
    actions: list[ObjectAction]


class Spawn(Model):
    """Where people arrive: feet position and gaze."""

    position: Vector
    azimuth_deg: Finite = 0.0


class Scene(Model):
    """A whole scene.yaml."""

    version: Literal[1] = 1
    name: Identifier
    title: Titles = {}
    note: Titles = Field({}, description="What visitors must know, e.g. that it is fictional.")
    fictional: bool = False
    frame: Frame = Frame()
    layers: list[Layer] = []
    withheld_layers: int = Field(
        0,
        ge=0,
        description="How many layers a server left out for whoever asked; 0 in a twin's own file.",
    )
    places: list[Place] = []
    viewpoints: list[Viewpoint] = []
    networks: list[Network] = []
    sensors: list[Sensor] = []
    objects: list[SceneObject] = []
    spawn: Spawn = Spawn(position=(0.0, 0.0, 0.0))

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Scene:
        groups: dict[str, list[str]] = {
            "layer": [x.id for x in self.layers],
            "place": [x.id for x in self.places],
            "viewpoint": [x.id for x in self.viewpoints],
            "network": [x.id for x in self.networks],
            "sensor": [x.id for x in self.sensors],
            "datastream": [d.id for x in self.sensors for d in x.datastreams],
            "object": [x.id for x in self.objects],
        }
        for group, ids in groups.items():
            seen: set[str] = set()
            for one in ids:
                if one in seen:
                    raise ValueError(f"two {group}s are called {one}")
                seen.add(one)
        return self
