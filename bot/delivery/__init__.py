"""Sending what is stored: one sender for each platform account, its limits, and the brakes on loops."""
