"""What stands in the world: geometry, shaders, light. Never talks to the network."""
