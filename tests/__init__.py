"""Everything that is tested."""

from zoneinfo import reset_tzpath

reset_tzpath(())  # the rules of time zones come with the lock, as they do when the bot runs
