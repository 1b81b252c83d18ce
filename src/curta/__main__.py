"""`python -m curta` is `curta`."""

from curta.cli import main

main()
