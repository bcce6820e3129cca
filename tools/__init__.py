"""Programs for people who work on Kenish in a checkout; never part of the wheel."""
