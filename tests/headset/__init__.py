"""Against Monado, a real OpenXR runtime: skipped where it is not installed."""
