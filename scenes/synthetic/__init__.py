"""A parametric mine: one parameter file in, a scene and its geometry out, deterministic by seed."""

from scenes.synthetic.mine import SyntheticMine
from scenes.synthetic.parameters import MineParameters, demo_parameters, load_parameters

__all__ = ["MineParameters", "SyntheticMine", "demo_parameters", "load_parameters"]
