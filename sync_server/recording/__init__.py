"""Recordings of rooms as MCAP files with JSON schemas."""
