"""An amount of money as people read it."""


def dollars(amount: float) -> str:
    """`$1.25`, `$0.0312`, `$0.000004`: at least cents, at most millionths, never 0 for what is more."""
    if 0 < amount < 0.0000005:
        return "<$0.000001"
    whole, _, fraction = f"{amount:,.{6 if amount < 0.01 else 4}f}".partition(".")
    return f"${whole}.{fraction.rstrip('0'):0<2}"
