"""Prometheus's text format, version 0.0.4."""

import math
import re
from collections import defaultdict
from collections.abc import Mapping

from observing.families import FAMILIES

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SUFFIX = re.compile(r"_(bucket|sum|count)$")
_BOUND = re.compile(r'le="([^"]+)"')


def text(values: Mapping[str, float]) -> str:
    """All series of known families, each family together under its help and type."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for one in values:
        found[_family_of(one.partition("{")[0])].append(one)
    lines: list[str] = []
    for name, family in FAMILIES.items():
        if name in found:
            lines += [f"# HELP {name} {family.text}", f"# TYPE {name} {family.kind}"]
            lines += [f"{one} {_number(values[one])}" for one in sorted(found[name], key=_place)]
    return "\n".join(lines) + "\n"


def _family_of(name: str) -> str:
    return name if name in FAMILIES else _SUFFIX.sub("", name)


def _place(one: str) -> tuple[str, float]:
    """Buckets of one histogram stand together, narrow ones first."""
    bound = _BOUND.search(one)
    if bound is None:
        return one, 0.0
    return _BOUND.sub("", one), math.inf if bound[1] == "+Inf" else float(bound[1])


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 2**53 else repr(value)
