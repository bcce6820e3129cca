"""The twin: its schema, coordinates, importers, bake, and floor and ray queries. Never draws, never talks to a network."""
