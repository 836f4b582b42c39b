"""Steps of migration for tests only."""
