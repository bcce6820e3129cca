"""Drills: their language, linter, runner and scoring. Pure; imports nothing else of Kenish."""
