"""One bot a file, each run as a process of its own."""
