"""The statistics: laws that hold for any data, oracles, and simulations from a seed that always give the same."""

from hypothesis import settings

law = settings(max_examples=40, derandomize=True)
"""Of a property test: always the same examples, however slow the machine is."""
