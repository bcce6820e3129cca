"""The demonstration: bundled mine, own server, a second member, a scripted visit."""
