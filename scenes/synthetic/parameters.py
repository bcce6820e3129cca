"""The parameters of the synthetic mine, read from one YAML file.

Every field has a default, a sentence and a unit. It never generates anything.
"""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from scenes.errors import Refused
from scenes.schema import Titles

MAX_PARAMETER_BYTES = 1024 * 1024


class _Parameters(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PitParameters(_Parameters):
    """The open pit."""

    bottom_m: float = Field(440.0, description="Elevation of the pit floor, metres.")
    bottom_radius_m: float = Field(38.0, ge=25, le=300, description="Mean floor radius, metres.")
    bench_height_m: float = Field(10.0, ge=4, le=30, description="Height of a bench, metres.")
    bench_count: int = Field(5, ge=2, le=30, description="Number of benches.")
    berm_width_m: float = Field(6.0, ge=3, le=30, description="Width of a berm, metres.")
    face_angle_deg: float = Field(70.0, ge=45, le=85, description="Slope of a bench face, degrees.")
    ramp_width_m: float = Field(12.0, ge=8, le=40, description="Width of the haul ramp, metres.")

    @property
    def rim_m(self) -> float:
        """Elevation of the uppermost crest, metres."""
        return self.bottom_m + self.bench_count * self.bench_height_m


class WorkingsParameters(_Parameters):
    """The underground workings."""

    top_level_m: float = Field(400.0, description="Elevation of the uppermost level, metres.")
    level_spacing_m: float = Field(30.0, ge=20, le=80, description="Between levels, metres.")
    level_count: int = Field(4, ge=2, le=12, description="Number of levels.")
    drift_width_m: float = Field(5.0, ge=4.2, le=7, description="Width of a drift, metres.")
    drift_height_m: float = Field(4.8, ge=4.2, le=7, description="Height of a drift, metres.")
    decline_grade: float = Field(7.0, ge=5, le=12, description="Metres along for one metre down.")
    bend_radius_m: float = Field(20.0, ge=15, le=40, description="Radius of decline bends, metres.")
    roughness_m: float = Field(0.32, ge=0, le=0.8, description="Overbreak of drift walls, metres.")
    stope_height_m: float = Field(24.0, ge=10, le=60, description="Height of a stope, metres.")


class SupportParameters(_Parameters):
    """Ground support and services."""

    bolt_ring_m: float = Field(1.6, ge=0.8, le=4, description="Between rings of bolts, metres.")
    bolts_in_ring: int = Field(7, ge=3, le=15, description="Bolts in a ring.")
    lamp_spacing_m: float = Field(18.0, ge=6, le=60, description="Between lamps, metres.")


class MineParameters(_Parameters):
    """Everything that the generator needs; one seed and one number for density."""

    name: str = Field("tulparzer", pattern=r"^[a-z0-9][a-z0-9-]{0,40}$", description="Scene name.")
    title: Titles = Field(
        {
            "en": "Tulparzer gold mine (fictional)",
            "ru": "Золотой рудник Тулпарзер (вымышленный)",
            "kk": "Тұлпарзер алтын кеніші (ойдан шығарылған)",
            "ja": "トゥルパルゼル金鉱山(架空)",
        },
        description="Title of the twin in four languages.",
    )
    seed: int = Field(20261, ge=0, lt=2**31, description="Seed of everything random.")
    triangles_million: float = Field(
        2.0, ge=0.5, le=100, description="Triangles of all layers together, millions."
    )
    origin: tuple[int, int, int] = Field(
        (52_400, 21_600, 400),
        description="East, north, elevation of scene zero in the mine grid, whole metres.",
    )
    pit: PitParameters = PitParameters()
    workings: WorkingsParameters = WorkingsParameters()
    support: SupportParameters = SupportParameters()

    @model_validator(mode="after")
    def _fits_together(self) -> MineParameters:
        work = self.workings
        loop = work.decline_grade * work.level_spacing_m + 16.0
        if loop < 2 * 3.1416 * work.bend_radius_m + 40:
            raise ValueError("level_spacing_m is too small for a decline loop of bend_radius_m")
        if not 28 <= self.pit.bottom_m - work.top_level_m <= 60:
            raise ValueError("the pit floor must lie 28 to 60 m above the top level")
        if work.stope_height_m > work.level_spacing_m - 2:
            raise ValueError("stope_height_m must be at least 2 m less than level_spacing_m")
        return self

    @property
    def levels_m(self) -> tuple[float, ...]:
        """Elevations of the levels, from the top, metres."""
        work = self.workings
        return tuple(work.top_level_m - i * work.level_spacing_m for i in range(work.level_count))


def load_parameters(path: Path) -> MineParameters:
    """Read a parameter file. Raises `Refused` naming the line or the key that is wrong."""
    try:
        if path.stat().st_size > MAX_PARAMETER_BYTES:
            raise Refused("mine-parameters-too-large", file=str(path), limit=1)
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Refused("mine-parameters-unreadable", file=str(path), reason=str(error)) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else 0
        raise Refused("mine-parameters-not-yaml", file=str(path), line=line) from error
    try:
        return MineParameters.model_validate(content if content is not None else {})
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "(file)"
        raise Refused(
            "mine-parameters-invalid", file=str(path), key=key, reason=first["msg"]
        ) from error


def demo_parameters() -> MineParameters:
    """The parameters of the bundled scene, scenes/demo_mine/mine.yaml."""
    return load_parameters(Path(__file__).parent.parent / "demo_mine" / "mine.yaml")
