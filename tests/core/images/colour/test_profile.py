import itertools
import logging
import struct

import numpy as np
import pytest

from liifgan_core.images.colour.profile import cmyk_to_rgb, colour_space, rgb_profile


def with_space(profile: bytes, space: bytes) -> bytes:
    return profile[:16] + space + profile[20:]


def test_the_colour_space_is_read_from_the_header(srgb_profile: bytes) -> None:
    assert colour_space(srgb_profile) == "RGB"
    assert colour_space(with_space(srgb_profile, b"GRAY")) == "GRAY"


@pytest.mark.parametrize("profile", [b"", b"x" * 200, b"short"])
def test_what_is_no_profile_has_no_colour_space(profile: bytes) -> None:
    assert colour_space(profile) is None


def test_only_an_rgb_profile_is_kept(srgb_profile: bytes, caplog: pytest.LogCaptureFixture) -> None:
    assert rgb_profile(srgb_profile, name="a.png") == srgb_profile
    assert rgb_profile(None, name="a.png") is None
    assert not caplog.records
    assert rgb_profile(with_space(srgb_profile, b"GRAY"), name="a.png") is None
    assert rgb_profile(b"x" * 200, name="a.png") is None
    assert [record.levelno for record in caplog.records] == [logging.WARNING] * 2


@pytest.mark.parametrize("is_broken", [False, True])
def test_cmyk_without_a_working_profile_uses_the_plain_formula_and_warns(
    is_broken: bool, srgb_profile: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    profile = with_space(srgb_profile, b"CMYK") if is_broken else None
    convert = cmyk_to_rgb(profile, name="a.jpg")
    assert "approximate" in caplog.text
    cmyk = np.array([[[0, 0, 0, 0], [255, 0, 0, 0], [0, 0, 0, 255]]], np.uint8)
    assert convert(cmyk).tolist() == [[[255, 255, 255], [0, 255, 255], [0, 0, 0]]]


def test_cmyk_goes_through_its_own_profile(caplog: pytest.LogCaptureFixture) -> None:
    convert = cmyk_to_rgb(cmyk_profile(paper_lightness=0.5), name="a.jpg")
    half, black = convert(np.array([[[0, 0, 0, 128], [0, 0, 0, 255]]], np.uint8))[0]
    assert not caplog.records
    # Half of L* 50 is 59 in sRGB; the plain formula gives 127.
    assert np.abs(half.astype(int) - 59).max() <= 2
    assert black.max() <= 2


def cmyk_profile(*, paper_lightness: float) -> bytes:
    """Return a CMYK profile whose lightness falls from the given share of 100 to 0 with the ink."""
    corners = [
        [0 if any(inks) else round(255 * paper_lightness), 128, 128]
        for inks in itertools.product((0, 1), repeat=4)
    ]
    matrix = [65536 if i == j else 0 for i in range(3) for j in range(3)]
    table = b"mft1" + bytes(4) + bytes([4, 3, 2, 0]) + struct.pack(">9i", *matrix)
    table += bytes(range(256)) * 4 + bytes(itertools.chain(*corners)) + bytes(range(256)) * 3
    table += bytes(-len(table) % 4)
    white = b"XYZ " + bytes(4) + struct.pack(">3i", 63190, 65536, 54061)
    tags = [(b"A2B0", table), (b"wtpt", white)]
    offset = 128 + 4 + 12 * len(tags)
    index, body = struct.pack(">I", len(tags)), b""
    for name, data in tags:
        index += name + struct.pack(">II", offset + len(body), len(data))
        body += data
    header = bytearray(128)
    header[0:4] = struct.pack(">I", offset + len(body))
    header[8:12] = b"\x02\x40\0\0"
    header[12:24] = b"prtrCMYKLab "
    header[36:40] = b"acsp"
    header[68:80] = struct.pack(">3i", 63190, 65536, 54061)
    return bytes(header) + index + body
