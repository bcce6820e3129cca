"""The plain HTTP side of a server: the twin's files, health and metrics."""
