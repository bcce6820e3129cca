"""The bundled fictional scene: its parameter file; the geometry comes from `scenes.synthetic`."""
