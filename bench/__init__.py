"""Measurements: Curta beside its peers on the same work, alternating in one run. Never a gate; the tests have no clock."""
