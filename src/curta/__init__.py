"""Curta: a pocket calculator for words that shows its work."""

__version__ = "0.1.0"
