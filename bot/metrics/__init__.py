"""What can be measured of a running bot: whoever does the work tells a ``Meter``, and ``/metrics`` shows it."""
