"""One file a step. A step sets ``schema_info``: its number, and the oldest code that may still work on it."""
