"""The channels: each parses what its platform tells, shapes messages for it and, where it has an outbox, sends them."""
