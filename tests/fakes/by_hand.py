"""What a developer is told who holds a phone in a terminal."""


def how_to(start: str) -> str:
    """How to start the bot, and how to hold the phone; the line to copy stands alone."""
    return f"""\
Start the bot in a second terminal, with this line:

{start}

This terminal is the phone. Once the bot is up, type here to write to it; a number presses that button; /quit ends.
"""
