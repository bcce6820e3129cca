"""How a tracked person gets about: pure, without a window, a GPU or a clock."""
