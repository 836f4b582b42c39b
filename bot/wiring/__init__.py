"""The only room that knows everybody: opens the house, and serves what is configured."""

from bot.wiring.house import House, clock, open_house, read_content, running
from bot.wiring.serving import serve

__all__ = ["House", "clock", "open_house", "read_content", "running", "serve"]
