from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from liifgan_core.weights.family import (
    FAMILY,
    PREFERENCE,
    PREFERENCE_ELSEWHERE,
    PURPOSES,
    Group,
    Purpose,
    default_rank,
    group_of,
    list_rank,
    present_name,
)

NAMES = st.lists(st.sampled_from([*FAMILY, "mine", "aardvark", "zebra"]), unique=True)


def test_facts_are_kept_by_the_models_names() -> None:
    assert all(name == model.name for name, model in FAMILY.items())
    assert len({model.label for model in FAMILY.values()}) == len(FAMILY)
    assert {model.purpose for model in FAMILY.values()} == set(get_args(Purpose)) == {*PURPOSES}
    assert {model.group for model in FAMILY.values()} == set(get_args(Group)) - {"own"}
    for text in (*(model.description for model in FAMILY.values()), *PURPOSES.values()):
        assert text.endswith(".")
        assert text.count(".") == 1


def test_what_people_choose_has_the_labels_of_the_family() -> None:
    main = [model for model in FAMILY.values() if model.group == "main"]
    assert {model.name: (model.label, model.purpose, model.pace) for model in main} == {
        "liif": ("Faithful", "faithful", "full"),
        "liif-gan": ("Natural", "natural", "full"),
        "liif-gan-fast": ("Natural, fast", "natural", "quick"),
        "liif-gan-restore": ("Clean up", "clean-up", "full"),
        "liif-gan-restore-fast": ("Clean up, fast", "clean-up", "quick"),
    }


def test_quick_views_and_rows_of_the_table_are_told_apart() -> None:
    assert [name for name in FAMILY if group_of(name) == "quick view"] == [
        "liif-gan-air",
        "liif-air",
    ]
    assert {group_of("mine"), group_of("liif-public")} == {"own"}
    assert {name for name in FAMILY if group_of(name) == "table"} == {
        "liif-gan-edsr",
        "liif-gan-sf",
        "liif-gan-s",
    }


@given(NAMES)
def test_models_of_ones_own_come_between_the_main_ones_and_the_rest(names: list[str]) -> None:
    ranked = sorted(names, key=list_rank)
    parts = [1 if name not in FAMILY else 0 if group_of(name) == "main" else 2 for name in ranked]
    assert parts == sorted(parts)
    known = [name for name in ranked if name in FAMILY]
    assert known == [name for name in FAMILY if name in known]


@given(NAMES)
def test_the_preferred_ones_come_first_where_a_default_is_chosen(names: list[str]) -> None:
    for is_accelerated, preferred in ((True, PREFERENCE), (False, PREFERENCE_ELSEWHERE)):
        ranked = sorted(names, key=lambda name: default_rank(name, is_accelerated=is_accelerated))
        first = [name for name in preferred if name in names]
        assert ranked[: len(first)] == first
        own = sorted(name for name in names if name not in FAMILY)
        assert ranked[len(first) : len(first) + len(own)] == own


def test_only_the_public_checkpoint_has_an_earlier_name() -> None:
    assert present_name("liif-public") == "liif"
    assert [name for name in (*FAMILY, "mine") if present_name(name) != name] == []
