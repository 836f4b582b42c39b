"""The edge that speaks HTTP: the web chat, health and metrics. Hooks of other channels are mounted beside them."""
