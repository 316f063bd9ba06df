"""The family's models as facts by name: what each is for, what it is called, in which order.

A choice of models is made of this: for each purpose the models of the group "main", full and quick,
with label and description, whether they are installed or not. What an installed one is in truth,
its descriptor says (`descriptor.py`); which one is taken by default, `default_model.py`.
"""

from types import MappingProxyType
from typing import Literal

import msgspec

Purpose = Literal["faithful", "natural", "clean-up"]
"""What a model makes of a photo: what the photo tells and no more; also detail that it does not
tell; the same of a noisy or compressed photo, without noise and compression."""
Pace = Literal["full", "quick"]
"""Whether it computes all that it takes, or less for the sake of time."""
Group = Literal["main", "own", "quick view", "table"]
"""Parts of a list of models: the family's that people choose from; a user's own; pictures until
another model's are ready; rows of the paper's table 1, to compare with."""


class FamilyModel(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a model by its name alone."""

    name: str
    label: str
    """For lists, in English."""
    description: str
    """One sentence for people who choose, in English."""
    purpose: Purpose
    pace: Pace = "full"
    group: Group = "main"


_ALL = (
    FamilyModel(
        name="liif-gan",
        label="Natural",
        description="Draws plausible fine detail; takes its time without a GPU.",
        purpose="natural",
    ),
    FamilyModel(
        name="liif-gan-fast",
        label="Natural, fast",
        description="Draws plausible detail in a fraction of the time that Natural takes.",
        purpose="natural",
        pace="quick",
    ),
    FamilyModel(
        name="liif",
        label="Faithful",
        description="Enlarges what the photo tells and invents nothing.",
        purpose="faithful",
    ),
    FamilyModel(
        name="liif-gan-restore",
        label="Clean up",
        description="Leaves out noise and compression; takes its time without a GPU.",
        purpose="clean-up",
    ),
    FamilyModel(
        name="liif-gan-restore-fast",
        label="Clean up, fast",
        description="Leaves out noise and compression in a fraction of the time.",
        purpose="clean-up",
        pace="quick",
    ),
    FamilyModel(
        name="liif-gan-air",
        label="Natural (quick view)",
        description="Draws plausible detail in moments, until a better picture is ready.",
        purpose="natural",
        pace="quick",
        group="quick view",
    ),
    FamilyModel(
        name="liif-air",
        label="Faithful (quick view)",
        description="Enlarges what the photo tells in moments, until a better picture is ready.",
        purpose="faithful",
        pace="quick",
        group="quick view",
    ),
    FamilyModel(
        name="liif-gan-edsr",
        label="LIIF-GAN, EDSR",
        description="A detail layer on deep blocks of EDSR, to compare with.",
        purpose="natural",
        group="table",
    ),
    FamilyModel(
        name="liif-gan-sf",
        label="LIIF-GAN-SF",
        description="A detail layer on the features of LIIF, to compare with.",
        purpose="natural",
        group="table",
    ),
    FamilyModel(
        name="liif-gan-s",
        label="LIIF-GAN-S",
        description="A GAN of one decoder, to compare with.",
        purpose="natural",
        group="table",
    ),
)
FAMILY = MappingProxyType({model.name: model for model in _ALL})
"""The models by name, in the order of lists; not all of them need be installed."""
PURPOSES: MappingProxyType[Purpose, str] = MappingProxyType(
    {
        "faithful": "Enlarges what the photo tells and invents nothing.",
        "natural": "Draws plausible detail that the photo does not tell.",
        "clean-up": "Leaves out noise and compression of the photo.",
    }
)
"""Descriptions of models beyond the family."""
PREFERENCE = ("liif-gan", "liif-gan-fast", "liif")
"""Order in which the default is chosen where an accelerator or AMX is."""
PREFERENCE_ELSEWHERE = ("liif-gan-fast", "liif")
"""The same for other processors: `liif-gan` reads all of RealSR's trunk, minutes for a photo."""
_ALIASES = {"liif-public": "liif"}
"""Earlier names; a user's file of such a name is another model."""


def present_name(name: str) -> str:
    """Return what a model is called now; names that have not changed come back as they are."""
    return _ALIASES.get(name, name)


def group_of(name: str) -> Group:
    """Return the part of a list that a model belongs to."""
    known = FAMILY.get(name)
    return "own" if known is None else known.group


def list_rank(name: str) -> tuple[int, str]:
    """Return the key that sorts names for lists; models beyond the family are in its middle."""
    return _rank([model.name for model in _ALL if model.group == "main"], name)


def default_rank(name: str, *, is_accelerated: bool) -> tuple[int, str]:
    """Return the key by which the default is chosen, the least first.

    After the preferred ones come a user's own models, and at last the rest of the family, which
    is for other things.
    """
    preferred = PREFERENCE if is_accelerated else PREFERENCE_ELSEWHERE
    return _rank(list(preferred), name)


def _rank(first: list[str], name: str) -> tuple[int, str]:
    order = [*first, None, *(known for known in FAMILY if known not in first)]
    return order.index(name if name in FAMILY else None), name
