"""Reads mine files of other programs: one file a format, registered in `registry.py`.

Never writes a twin (`scenes.ingest` does), and never trusts what a file says of itself.
"""
