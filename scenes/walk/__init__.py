"""The floor people stand on, and rays against the twin. Independent of level of detail."""

from scenes.walk.build import build_walk
from scenes.walk.store import WalkMap, load_walk

__all__ = ["WalkMap", "build_walk", "load_walk"]
