"""The other members as one sees them: figures, name plates, laser beams."""
