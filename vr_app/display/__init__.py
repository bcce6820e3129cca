"""Displays: what the twin is seen on. One interface, a file each."""
