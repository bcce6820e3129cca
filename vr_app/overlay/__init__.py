"""Flat things in the picture: labels in the world, cards on the screen, notes, highlights."""
