"""Shaders, icons, sounds, theatres and text: files that the programs load, and the one translator."""
