"""A lesson as its author wants to see it: played in the terminal, drawn as each channel shows it, sent to a phone."""
