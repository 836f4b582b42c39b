"""Pictures: one drawing and one line for each lesson, in the learner's language and script, made once."""
