"""Which faults strike a call: rules set for the whole simulator, and those a prompt brought along."""

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from random import Random

from reelwork.simulator.faults.grammar import RuleText, marked_rules
from reelwork.simulator.faults.kinds import Endpoint, Fault


@dataclass(frozen=True, slots=True)
class Situation:
    """What a rule may look at. `facts` holds key, model, dialect and prompt where the call has them."""

    endpoint: Endpoint
    facts: Mapping[str, str]


@dataclass(slots=True)
class Rule:
    """A rule in force: how often it was asked, how often it struck."""

    id: int
    text: RuleText
    seen: int = 0
    hits: int = 0

    def strikes(self, situation: Situation, random: Random) -> bool:
        """True if the rule applies here and now; counts the call."""
        if not self._matches(situation.facts):
            return False
        self.seen += 1
        if self.seen <= self.text.skip or (self.text.times is not None and self.hits >= self.text.times):
            return False
        if self.text.probability < 1 and random.random() >= self.text.probability:
            return False
        self.hits += 1
        return True

    def _matches(self, facts: Mapping[str, str]) -> bool:
        for name, wanted in self.text.match.items():
            value = facts.get(name, "")
            if (wanted not in value) if name == "prompt" else (wanted != value):
                return False
        return True


@dataclass(slots=True)
class RuleBook:
    """All rules in force. Rules written into a prompt count over all submissions of that prompt by that account."""

    random: Random
    rules: list[Rule] = field(default_factory=list)
    _by_prompt: dict[tuple[str, str], list[Rule]] = field(default_factory=dict)
    _ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def add(self, text: RuleText) -> Rule:
        rule = Rule(next(self._ids), text)
        self.rules.append(rule)
        return rule

    def remove(self, rule_id: int) -> bool:
        """False where there is no such rule."""
        before = len(self.rules)
        self.rules = [rule for rule in self.rules if rule.id != rule_id]
        return len(self.rules) < before

    def clear(self) -> None:
        self.rules.clear()
        self._by_prompt.clear()

    def submission_rules(self, account: str, prompt: str) -> list[Rule]:
        """The prompt's own rules for submissions, remembered between submissions of the same prompt."""
        texts = marked_rules(prompt) if "[sim:" in prompt else ()
        wanted = [text for text in texts if text.endpoint is Endpoint.SUBMIT]
        if not wanted:
            return []
        return self._by_prompt.setdefault((account, prompt), self._fresh(wanted))

    def video_rules(self, prompt: str) -> list[Rule]:
        """Fresh rules of this prompt for every later call about the one video that was just accepted."""
        texts = marked_rules(prompt) if "[sim:" in prompt else ()
        return self._fresh(text for text in texts if text.endpoint not in (None, Endpoint.SUBMIT))

    def strike(self, situation: Situation, own: Iterable[Rule]) -> list[Fault]:
        """The faults that hit this call, the prompt's own first."""
        return [
            rule.text.fault
            for rule in itertools.chain(own, self.rules)
            if rule.text.endpoint is situation.endpoint and rule.strikes(situation, self.random)
        ]

    def fates(self, situation: Situation, prompt: str) -> dict[str, Fault]:
        """What is in store for a video that is accepted now, by the fate's name."""
        texts = marked_rules(prompt) if "[sim:" in prompt else ()
        own = [text.fault for text in texts if text.endpoint is None]
        drawn = [r.text.fault for r in self.rules if r.text.endpoint is None and r.strikes(situation, self.random)]
        return {fault.name: fault for fault in [*drawn, *own]}

    def _fresh(self, texts: Iterable[RuleText]) -> list[Rule]:
        return [Rule(0, text) for text in texts]
