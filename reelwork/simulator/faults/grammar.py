"""How faults are written: `submit=429,times=2,retry_after=3`, in a prompt as `[sim:submit=429]`.

A rule is `endpoint=kind` or the name of a fate, then `,param=value` pairs. A number stands for an HTTP status, and
`500-after` for that status after the work was done. Reserved parameters say when it strikes: probability, times,
skip, and key, model, dialect, prompt to match.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from reelwork.simulator.faults.kinds import KINDS, Endpoint, Fault, Kind, Stage

_MARKER = re.compile(r"\[sim:([^\]]*)\]")
_STATUS = re.compile(r"([1-5]\d\d)(-after)?")
_RESERVED: Mapping[str, type] = {"probability": float, "times": int, "skip": int}
_MATCHES = ("key", "model", "dialect", "prompt")
_STAGES_AT = {
    Endpoint.CONTENT: {Stage.BEFORE, Stage.AFTER, Stage.CONTENT},
    Endpoint.WEBHOOK: {Stage.WEBHOOK},
}
_DEFAULT_STAGES = {Stage.BEFORE, Stage.AFTER}


class FaultSyntax(ValueError):
    """A rule that cannot be understood; the message names what would be."""


@dataclass(frozen=True, slots=True)
class RuleText:
    """A rule as written. `endpoint` is None for a fate."""

    fault: Fault
    endpoint: Endpoint | None
    probability: float = 1.0
    times: int | None = None
    skip: int = 0
    match: Mapping[str, str] = field(default_factory=dict)


def parse_rule(text: str) -> RuleText:
    """Read one rule; FaultSyntax where it is not one."""
    head, *pairs = [part.strip() for part in text.split(",")]
    params: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise FaultSyntax(f"{pair!r} in {text!r} is not of the form name=value")
        params[name.strip()] = value.strip()
    name, _, value = head.partition("=")
    if name in set(Endpoint):
        return _rule(Endpoint(name), value.strip(), params)
    return _rule(None, name.strip(), params, main_value=value.strip())


def rule_from_fields(fields: Mapping[str, Any]) -> RuleText:
    """Read a rule given as JSON: {"rule": text} or {"endpoint", "kind", "params", "probability", "count", ...}."""
    if "rule" in fields:
        return parse_rule(str(fields["rule"]))
    endpoint = fields.get("endpoint")
    if endpoint is not None and endpoint not in set(Endpoint):
        raise FaultSyntax(f"endpoint {endpoint!r} is none of {', '.join(Endpoint)}")
    params = {**fields.get("params", {}), **fields.get("match", {})}
    for name, given in (("probability", "probability"), ("times", "count"), ("times", "times"), ("skip", "skip")):
        if fields.get(given) is not None:
            params[name] = fields[given]
    kind = str(fields.get("kind", ""))
    is_fate = kind in KINDS and KINDS[kind].stage is Stage.FATE
    at = None if is_fate or endpoint is None else Endpoint(endpoint)
    return _rule(at, kind, {name: str(value) for name, value in params.items()})


@lru_cache(maxsize=4096)
def marked_rules(prompt: str) -> tuple[RuleText, ...]:
    """The rules written into a prompt as `[sim:…]`; FaultSyntax where one cannot be understood."""
    return tuple(parse_rule(inner) for inner in _MARKER.findall(prompt))


def without_markers(prompt: str) -> str:
    """The prompt as a person would read it on the picture."""
    return " ".join(_MARKER.sub(" ", prompt).split())


def _rule(endpoint: Endpoint | None, name: str, params: dict[str, str], main_value: str = "") -> RuleText:
    kind, given = _kind(name)
    stages = {Stage.FATE} if endpoint is None else _STAGES_AT.get(endpoint, _DEFAULT_STAGES)
    if kind.stage not in stages:
        fitting = sorted(kind.name for kind in KINDS.values() if kind.stage in stages)
        raise FaultSyntax(f"{name!r} cannot be used at {endpoint or 'a video'}; there are {', '.join(fitting)}")
    if main_value:
        if kind.main is None:
            raise FaultSyntax(f"{name} takes no value")
        params = {kind.main: main_value, **params}
    limits = {key: _typed(key, params.pop(key), kind) for key, kind in _RESERVED.items() if key in params}
    match = {key: params.pop(key) for key in _MATCHES if key in params}
    typed = {key: _typed(key, value, _param_type(kind, key)) for key, value in params.items()}
    return RuleText(Fault(kind, {**typed, **given}), endpoint, match=match, **limits)


def _kind(name: str) -> tuple[Kind, dict[str, int]]:
    status = _STATUS.fullmatch(name)
    if status:
        return KINDS["status-after" if status[2] else "status"], {"status": int(status[1])}
    if name not in KINDS:
        raise FaultSyntax(f"no fault is called {name!r}; there are {', '.join(sorted(KINDS))}")
    return KINDS[name], {}


def _param_type(kind: Kind, param: str) -> type:
    if param not in kind.params:
        raise FaultSyntax(f"{kind.name} takes no {param!r}, only {', '.join(kind.params) or 'nothing'}")
    return kind.params[param]


def _typed(name: str, value: str, kind: type) -> Any:
    try:
        return kind(value)
    except ValueError:
        raise FaultSyntax(f"{name}={value!r} is not a number") from None
