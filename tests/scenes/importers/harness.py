"""Runs `kenish twin` in this process and gives back what it said; finds the real data."""

from __future__ import annotations

import io
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from assets.text.command_parser import UsageRefused
from scenes.commands import twin
from scenes.errors import SceneError
from vr_app.console import Console


@dataclass(frozen=True, slots=True)
class Run:
    """One command: exit status, its JSON object, and stderr."""

    status: int
    result: dict[str, Any]
    said: str


def run_twin(*words: str | Path) -> Run:
    """Run `kenish twin WORDS --json` as the command line does."""
    out, err = io.StringIO(), io.StringIO()
    console = Console("en", json_output=True, out=out, err=err)
    try:
        status = twin([str(word) for word in words], console)
    except (SceneError, UsageRefused) as error:
        console.failure(error.message_id, error.arguments)
        status = error.exit_code
    text = out.getvalue()
    assert text.count("\n") == 1, "stdout holds exactly one object"
    return Run(status, json.loads(text), err.getvalue())


def real_data() -> Path:
    """The folder of real mine data; skips the test where it is absent."""
    root = Path(__file__).resolve().parents[3]
    folder = Path(os.environ.get("KENISH_DATA", root.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("no real mine data on this machine")
    return folder


REAL_FILES = (
    "pittsburgh_mine_mesh/pittsburgh_mine.dae",
    "maya_tunnel_lidar/lidar-14-1m-1-c.ply",
    "wheal_pell_mine/pell.3d",
    "dowprov_cave_survex/DowProv.3d",
    "omf_samples/evo_bunny_blocks.omf",
    "omf_samples/evo_lineset_v1.omf",
    "omf_samples/evo_surface_v1.omf",
    "omf_samples/evo_surface_v2.omf",
    "omf_samples/omf1_plane_surface.omf",
    "omf_samples/omf1_test_file_92k.omf",
    "omf_samples/omf1_test_proj.omf",
    "omf_samples/omf2_bunny_blocks.omf",
    "omf_samples/omf2_one_of_everything.omf",
    "omf_samples/omf2_one_of_everything_py.omf",
    "omf_samples/omf2beta_test_file_42k.omf",
)
