"""The twin: its schema, importers, bake, floor and ray queries.

Never draws and never talks to a network.
"""
