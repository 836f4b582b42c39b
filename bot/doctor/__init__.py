"""Is everything in order? Findings with cures, for ``sse-bot doctor``."""

from bot.doctor.examine import examine
from bot.doctor.finding import Check, Finding, Health, Patient, bad, better, well

__all__ = ["Check", "Finding", "Health", "Patient", "bad", "better", "examine", "well"]
