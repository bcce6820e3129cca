"""Brings the twin to the frame: sources, selection, loading in workers, attaching in slices."""
