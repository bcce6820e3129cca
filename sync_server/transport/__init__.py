"""Sockets for rooms: one interface, the `websockets` listener behind it, and the room's host."""
