"""Shaders, icons, sounds, theatres and text: files that programs load, and the one translator."""
