"""Platforms on this machine, with real sockets: as strict as the real ones, and as troublesome as a test wants."""
