import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from liifgan_core.errors import WeightsError
from liifgan_core.weights.ncnn_file import NcnnConvolution, NcnnPReLU, read_ncnn
from tests.core.weights.ncnn_pair import param_text, random_layer, write_pair

RNG = np.random.default_rng(0)
LAYERS = [
    random_layer(RNG, 3, 1, 3, 3),  # 27 weights: two bytes of padding
    random_layer(RNG, 3),
    random_layer(RNG, 2, 3, 1, 1),
]
_FUZZ = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def _changed(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


def test_layers_come_in_their_order_with_the_values_that_were_written(tmp_path: Path):
    layers = read_ncnn(*write_pair(tmp_path, LAYERS))
    assert [layer.name for layer in layers] == ["l0", "l1", "l2"]
    for layer, written in zip(layers, LAYERS, strict=True):
        if isinstance(layer, NcnnConvolution):
            np.testing.assert_array_equal(layer.weight_OIKK, written[0])
            np.testing.assert_array_equal(layer.bias_O, written[1])
        else:
            np.testing.assert_array_equal(layer.slopes_D, written[0])
    assert [type(layer) for layer in layers] == [NcnnConvolution, NcnnPReLU, NcnnConvolution]


def test_a_known_pair_of_bytes_is_read(tmp_path: Path):
    (tmp_path / "n.param").write_text("7767517\n1 2\nConvolution c 1 1 a b 0=1 1=1 5=1 6=1\n")
    # Tag, 1.5 as a half (0x3e00), padding, -2.0 as a float (0xc0000000).
    (tmp_path / "n.bin").write_bytes(bytes.fromhex("476b3001003e0000000000c0"))
    [layer] = read_ncnn(tmp_path / "n.param", tmp_path / "n.bin")
    assert isinstance(layer, NcnnConvolution)
    assert (layer.weight_OIKK.tolist(), layer.bias_O.tolist()) == ([[[[1.5]]]], [-2.0])


def test_writing_to_an_array_leaves_the_file_alone(tmp_path: Path):
    param, weights = write_pair(tmp_path, LAYERS)
    before = weights.read_bytes()
    [first, *_] = read_ncnn(param, weights)
    assert isinstance(first, NcnnConvolution)
    first.weight_OIKK[:] = 0
    first.bias_O[:] = 0
    del first
    assert weights.read_bytes() == before


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("7767517", "7767518", "is no .param file of ncnn"),
        ("4 4", "5 4", "names 4 layers where line 2 says '5 4'"),
        ("4 4", "4", "names 4 layers where line 2 says '4'"),
        ("4 4", "-4 4", "line 2 has '-4' where a number from 0"),
        ("PReLU", "BatchNorm", "line 5 is a layer of the kind 'BatchNorm'; known are Convolution"),
        ("Input in 0 1 b0", "Input", "line 3 is no layer"),
        ("1=3", "1=4", "27 weights for 3 channels and a kernel of 4x4"),
        ("1=3", "1=0", "line 4 has '0' where a number from 1"),
        ("6=27", "6=99999999999", "line 4 has '99999999999' where a number"),
        ("6=27", "6=27.5", r"line 4 has '27\.5' where a number"),
        ("6=27", "6=2147483637", r"has 108 bytes, but n\.param describes 4294967328"),
        ("6=27", "6=54", r"has 108 bytes, but n\.param describes 160; the two files do not"),
        ("6=27", "6=27 6=27", "line 4 has '6=27' for an option"),
        ("6=27", "6", "line 4 has '6' for an option"),
        ("5=1", "5=0", "without bias"),
        ("1=3", "1=3 11=1", "not square"),
    ],
)
def test_a_param_file_that_is_off_is_a_clear_error(
    old: str, new: str, message: str, tmp_path: Path
):
    param, weights = write_pair(tmp_path, LAYERS)
    param.write_text(_changed(param_text(LAYERS), old, new))
    with pytest.raises(WeightsError, match=message):
        read_ncnn(param, weights)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda content: content + b"\0", r"has 109 bytes, but n\.param describes 108"),
        (lambda content: content[:-4], r"has 104 bytes, but n\.param describes 108"),
        (lambda _content: b"", r"has 0 bytes, but n\.param describes 108"),
        (lambda content: b"\0\0\0\0" + content[4:], "l0 have the tag 0x00000000; only weights in"),
        (lambda content: content[:4] + b"\x00\x7c" + content[6:], "l0 holds values that are not f"),
        (lambda content: content[:-4] + b"\0\0\xc0\x7f", "l2 holds values that are not finite"),
    ],
)
def test_weights_that_are_off_are_a_clear_error(change, message: str, tmp_path: Path):
    param, weights = write_pair(tmp_path, LAYERS)
    weights.write_bytes(change(weights.read_bytes()))
    with pytest.raises(WeightsError, match=message):
        read_ncnn(param, weights)


def test_missing_files_folders_and_foreign_files_are_clear_errors(tmp_path: Path):
    param, weights = write_pair(tmp_path, LAYERS)
    with pytest.raises(WeightsError, match=r"gone\.param: cannot be read .*No such file"):
        read_ncnn(tmp_path / "gone.param", weights)
    with pytest.raises(WeightsError, match=r"gone\.bin: cannot be read .*No such file"):
        read_ncnn(param, tmp_path / "gone.bin")
    with pytest.raises(WeightsError, match="cannot be read"):
        read_ncnn(tmp_path, weights)
    with pytest.raises(WeightsError, match=r"n\.bin: cannot be read"):
        read_ncnn(weights, param)
    param.write_bytes(b"7767517\n" + b" " * (4 * 2**20))
    with pytest.raises(WeightsError, match=r"a \.param file has at most"):
        read_ncnn(param, weights)
    param.write_text("7767517\n1 1\nInput in 0 1 b0\n")
    with pytest.raises(WeightsError, match="describes no layer with weights"):
        read_ncnn(param, weights)


def _outcome(param: Path, weights: Path) -> int | None:
    """Return the bytes of all tensors read; None: refused, with a sentence that names a file."""
    try:
        layers = read_ncnn(param, weights)
    except WeightsError as error:
        assert re.search(r"n\.(param|bin)", str(error))
        return None
    tensors = [
        array
        for layer in layers
        for array in (
            (layer.weight_OIKK, layer.bias_O)
            if isinstance(layer, NcnnConvolution)
            else (layer.slopes_D,)
        )
    ]
    assert all(np.isfinite(array).all() for array in tensors)
    return sum(array.nbytes for array in tensors)


@_FUZZ
@given(data=st.data())
def test_damaged_words_are_refused_or_describe_the_same_bytes(data: st.DataObject, tmp_path: Path):
    param, weights = write_pair(tmp_path, LAYERS)
    text = bytearray(param_text(LAYERS).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text) - 1))
        cut = data.draw(st.integers(0, 3))
        text[at : at + cut] = data.draw(
            st.one_of(st.binary(max_size=3), st.sampled_from([b"9" * 9, b"-1", b"\n", b"=", b" "]))
        )
    param.write_bytes(bytes(text))
    found = _outcome(param, weights)
    tags_and_padding = range(2 * 4 + 2 * 2 + 1)
    assert found is None or weights.stat().st_size - found in tags_and_padding


@_FUZZ
@given(data=st.data())
def test_damaged_weights_are_refused_or_finite(data: st.DataObject, tmp_path: Path):
    param, weights = write_pair(tmp_path, LAYERS)
    content = bytearray(weights.read_bytes())
    size = len(content)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, size - 1))
        content[at : at + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))
    weights.write_bytes(bytes(content))
    found = _outcome(param, weights)
    assert found is None or len(content) == size
