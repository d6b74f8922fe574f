"""Money on the wire: dollars as JSON numbers, exact to the millionth that rows and ledger count in."""

MICROS = 1_000_000


def usd(micros: int) -> float:
    """Dollars of an amount in millionths."""
    return micros / MICROS


def usd_or_none(micros: int | None) -> float | None:
    return None if micros is None else usd(micros)
