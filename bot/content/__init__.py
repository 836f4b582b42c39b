"""Lessons and words: YAML and PO files in, engine values and worded messages out."""
