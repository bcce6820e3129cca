"""The sync server: rooms, records, sensors, tiles over HTTP. Never imports a 3D library."""
