"""Random walks through the real course, and the books the walkers keep."""
