"""What can be measured of a running bot: whoever does the work tells the ``Metrics``, and ``/metrics`` shows them."""
