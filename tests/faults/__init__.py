"""The real process, ended and hindered on purpose; what it promised is looked for afterwards, from outside."""
