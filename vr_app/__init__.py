"""The application people look through: displays, streaming, overlays, hand tools, commands."""

import os

# Looking for plugins of pydantic, of which Kenish has none, costs 18 ms at every start.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
