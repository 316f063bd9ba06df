"""The results that are wanted of one photo."""

from dataclasses import dataclass

from liifgan_core.images.metadata.enlarged import Shown
from liifgan_core.sizing import SizeRule


@dataclass(frozen=True, slots=True)
class NamedRule:
    """A size rule, and what it is called."""

    rule: SizeRule
    preset: str = ""
    """Name of the size in a preset, for the names of files; empty for a rule of its own."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One file that is made of each photo."""

    named: NamedRule
    shows: Shown = "picture"

    @property
    def rule(self) -> SizeRule:
        """How large it is."""
        return self.named.rule
