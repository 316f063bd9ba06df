"""The family's models as facts by name: what each is for, what it is called, in which order.

Whether a model is installed, the registry knows; which one is taken by default, `default_model.py`.
"""

from types import MappingProxyType
from typing import Literal

import msgspec

Purpose = Literal["natural", "faithful", "clean up", "quick view", "table"]
"""What a model is for: detail that is drawn; what the photo tells and no more; noisy or compressed
photos; a picture until another model's is ready; a row of the paper's table 1, to compare with."""


class FamilyModel(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a model by its name alone."""

    name: str
    label: str
    """For lists, in English."""
    purpose: Purpose


_ALL = (
    FamilyModel(name="liif-gan", label="Natural", purpose="natural"),
    FamilyModel(name="liif-gan-fast", label="Natural, fast", purpose="natural"),
    FamilyModel(name="liif", label="Faithful", purpose="faithful"),
    FamilyModel(name="liif-gan-restore", label="Clean up", purpose="clean up"),
    FamilyModel(name="liif-gan-restore-fast", label="Clean up, fast", purpose="clean up"),
    FamilyModel(name="liif-gan-air", label="Natural (quick view)", purpose="quick view"),
    FamilyModel(name="liif-air", label="Faithful (quick view)", purpose="quick view"),
    FamilyModel(name="liif-gan-edsr", label="LIIF-GAN, EDSR", purpose="table"),
    FamilyModel(name="liif-gan-sf", label="LIIF-GAN-SF", purpose="table"),
    FamilyModel(name="liif-gan-s", label="LIIF-GAN-S", purpose="table"),
)
FAMILY = MappingProxyType({model.name: model for model in _ALL})
"""The models by name, in the order of lists; not all of them need be installed."""
MAIN: tuple[Purpose, ...] = ("natural", "faithful", "clean up")
"""Purposes that come before a user's own models in lists; the others come after these."""
PREFERENCE = ("liif-gan", "liif-gan-fast", "liif")
"""Order in which the default is chosen where an accelerator or AMX is."""
PREFERENCE_ELSEWHERE = ("liif-gan-fast", "liif")
"""The same for other processors: `liif-gan` reads all of RealSR's trunk, minutes for a photo."""
_ALIASES = {"liif-public": "liif"}
"""Earlier names; a user's file of such a name is another model."""


def present_name(name: str) -> str:
    """Return what a model is called now; names that have not changed come back as they are."""
    return _ALIASES.get(name, name)


def cleans(name: str) -> bool:
    """Whether a model takes noise and compression away, as far as that is known by its name."""
    return name in FAMILY and FAMILY[name].purpose == "clean up"


def list_rank(name: str) -> tuple[int, str]:
    """Return the key that sorts names for lists; models beyond the family are in its middle."""
    return _rank([model.name for model in _ALL if model.purpose in MAIN], name)


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
