"""Measurements: Curta beside its peers on the same work, alternating in one run. Never a gate: tests have no clock."""
