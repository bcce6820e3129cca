"""Brings the twin to the frame: sources, tile selection, loading in workers, attaching in slices."""
