import pytest

from liifgan_core.errors import WeightsError
from liifgan_core.models.config import (
    ARCHITECTURE,
    FieldConfig,
    LIIFConfig,
    RRDBConfig,
    SRVGGConfig,
    TrunkConfig,
    read_config,
)


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


def _read_trunk(trunk: dict[str, object], **more: object) -> LIIFConfig:
    return read_config(ARCHITECTURE, {"detail_trunk": trunk, **more}, where="mine.safetensors")


def test_headers_from_before_trunks_read_as_they_did():
    before = {
        "hidden": [8],
        "structure_tap": "trunk",
        "detail_tap": 3,
        "detail_field": {"order": 2, "num_blocks": 1, "points": 0, "is_high_pass": True},
    }
    field = FieldConfig(order=2, num_blocks=1, is_high_pass=True)
    expected = LIIFConfig(hidden=(8,), structure_tap="trunk", detail_tap=3, detail_field=field)
    found = read_config(ARCHITECTURE, before, where="old.safetensors")
    assert found == expected
    assert found.detail_trunk is None
    assert (field.block_width, field.block_slope) == (None, 0.0)


def test_a_trunk_is_of_either_kind_and_gives_a_detail_layer():
    rrdb = _read_trunk({"network": {"kind": "rrdb", "num_blocks": 6}, "unit": 0.3})
    assert rrdb.detail_trunk == TrunkConfig(network=RRDBConfig(num_blocks=6), unit=0.3)
    srvgg = _read_trunk({"network": {"kind": "srvgg"}, "sha256": "0a" * 32})
    assert srvgg.detail_trunk == TrunkConfig(network=SRVGGConfig(), sha256="0a" * 32)
    assert rrdb.has_detail
    assert rrdb.taps == ("last",)
    assert not LIIFConfig().has_detail


@pytest.mark.parametrize(
    ("trunk", "more", "message"),
    [
        ({"network": {}}, {}, "missing required field `kind`"),
        ({"network": {"kind": "vgg"}}, {}, "Invalid value 'vgg'"),
        ({"network": {"kind": "rrdb", "num_blocks": 10**9}}, {}, "<= 256"),
        ({"network": {"kind": "srvgg"}, "sha256": "../secret"}, {}, "regex"),
        ({"network": {"kind": "srvgg"}, "unit": 0.0}, {}, ">= 1e-06"),
        ({"network": {"kind": "srvgg"}}, {"detail_tap": "last"}, "not both"),
    ],
)
def test_trunks_that_cannot_be_are_refused(
    trunk: dict[str, object], more: dict[str, object], message: str
):
    with pytest.raises(WeightsError, match=f"mine.*{message}"):
        _read_trunk(trunk, **more)
