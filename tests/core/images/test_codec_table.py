from liifgan_core.images.codec_table import DECODERS, ENCODERS
from liifgan_core.images.formats import FORMATS


def test_what_the_format_table_offers_has_its_code() -> None:
    assert set(DECODERS) == {known.name for known in FORMATS if known.can_read}
    assert set(ENCODERS) == {known.name for known in FORMATS if known.can_write}
