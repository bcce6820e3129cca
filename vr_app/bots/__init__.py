"""Many lean members on one event loop: a load for a room, and figures of what it did to them."""
