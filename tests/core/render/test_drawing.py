import pickle

import pytest

from liifgan_core.render.drawing import (
    APART,
    STRUCTURE_ONLY,
    Blended,
    Drawing,
    StructureOnly,
    at_strength,
)


def test_one_strength_is_a_blend_and_none_is_structure_only() -> None:
    assert at_strength(0.0) == at_strength(-0.0, is_coarse=True) == STRUCTURE_ONLY
    assert at_strength(0.7) == Blended(0.7)
    assert at_strength(1.5, is_coarse=True) == Blended(1.5, is_coarse=True)


def test_a_blend_of_nothing_is_a_defect() -> None:
    with pytest.raises(ValueError, match="StructureOnly"):
        Blended(0.0)


def test_drawings_are_keys() -> None:
    """Equal ones find each other, also from another process; others do not."""
    drawings: list[Drawing] = [
        APART,
        STRUCTURE_ONLY,
        Blended(0.7),
        Blended(0.7, True),
        Blended(0.8),
    ]
    kept = {drawing: number for number, drawing in enumerate(drawings)}
    assert len(kept) == 5
    sent: list[Drawing] = pickle.loads(pickle.dumps(drawings))
    assert [kept[drawing] for drawing in sent] == [0, 1, 2, 3, 4]
    assert kept[StructureOnly()] == 1
