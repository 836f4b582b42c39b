"""What is kept: engine values as rows, in SQLite or PostgreSQL, from one set of statements."""
