"""Turns geometry into 3D Tiles 1.1 and the walk surface. Never reads mine files, never draws."""
