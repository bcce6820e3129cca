"""3D Tiles 1.1 as data: GLB tiles and tileset.json, to bytes and back. Chooses nothing."""
