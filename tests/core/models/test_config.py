import pytest

from liifgan_core.errors import WeightsError
from liifgan_core.models.config import ARCHITECTURE, FieldConfig, LIIFConfig, read_config


def _read(field: dict[str, object]) -> LIIFConfig:
    return read_config(ARCHITECTURE, {"structure_field": field}, where="mine.safetensors")


def test_a_field_has_no_points_unless_its_file_says_so():
    assert _read({"order": 3}).structure_field == FieldConfig(order=3, points=0)
    assert _read({"order": 3, "points": 2}).structure_field == FieldConfig(order=3, points=2)


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ({"points": 2, "is_high_pass": True}, "is_high_pass off"),
        ({"points": 9}, "<= 8"),
        ({"points": -1}, ">= 0"),
    ],
)
def test_points_that_cannot_be_are_refused(field: dict[str, object], message: str):
    with pytest.raises(WeightsError, match=rf"mine.*{message}"):
        _read(field)
