"""The statistics: laws that hold for any data, oracles, and simulations from a seed that always give the same."""

from hypothesis import HealthCheck, settings

law = settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
"""Of a property test: always the same examples, however slow the machine is."""
