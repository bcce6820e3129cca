"""Live sensors: observations, the gateways that bring them, the simulator and the replay."""
