"""What the bot costs and what stops it, measured beside the field: ``make bench``."""
