"""Drills: their schema, loader, linter, runner, scoring and rehearsals.

Knows nothing of rooms, displays or scenes: it takes events in and gives effects and a score out.
"""
