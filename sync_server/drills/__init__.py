"""Runs a drill in a room: room events go into the drill's reducer, its effects into the room."""
