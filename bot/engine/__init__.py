"""Decides what happens next. Pure: no await, no clock, no random, no files, no third-party import."""
