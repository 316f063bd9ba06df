import msgspec

from liifgan_core.evaluation.records import Record, Report, Skip
from liifgan_core.evaluation.table import table_text
from tests.core.evaluation.test_records import PROTOCOL, record, report


def _of(values: dict[str, dict[float, float]], metric: str = "psnr-rgb") -> list[Record]:
    return [
        record(value, model, scale=scale, metric=metric)
        for model, by_scale in values.items()
        for scale, value in by_scale.items()
    ]


def _cells(text: str, model: str, title: str) -> list[str]:
    [line] = [line for line in text.splitlines() if line.startswith(f"| {model} | {title}")]
    return [cell.strip() for cell in line.split("|")[3:-1]]


def _text(records: list[Record], **changes) -> str:
    found: Report = report(records, **changes)
    return table_text(found)


def test_the_best_is_bold_and_the_best_gan_marked():
    text = _text(
        _of({"liif": {2: 30.0, 4: 25.0}, "liif-gan": {2: 28.0, 4: 24.0}, "esrgan": {4: 26.0}}),
        gans=["liif-gan", "esrgan"],
    )
    assert _cells(text, "liif", "PSNR (RGB, dB) ↑") == ["**30.00**", "25.00"]
    assert _cells(text, "liif-gan", "PSNR (RGB, dB) ↑") == ["28.00†", "24.00"]
    assert _cells(text, "esrgan", "PSNR (RGB, dB) ↑") == ["N/A", "**26.00**†"]


def test_networks_of_others_have_their_titles():
    text = _text(
        _of({"liif": {4: 25.0}, "realsr": {4: 24.0}, "realesrgan-x4plus": {4: 23.0}})
        + _of({"general-x4v3": {4: 22.0}}),
        gans=["realsr", "realesrgan-x4plus"],
    )
    assert _cells(text, "RealSR (x4)", "PSNR") == ["24.00†"]
    assert _cells(text, "Real-ESRGAN (x4)", "PSNR") == ["23.00"]
    assert _cells(text, "Real-ESRGAN general v3 (x4)", "PSNR") == ["22.00"]
    assert "realsr" not in text


def test_the_lowest_distance_is_the_best_and_equal_figures_are_all_best():
    text = _text(_of({"a": {2: 0.30001}, "b": {2: 0.30002}, "c": {2: 0.4}}, metric="st-lpips-alex"))
    title = "ST-LPIPS (alex, ST0.0) ↓"
    assert [_cells(text, model, title) for model in "abc"] == [
        ["**0.3000**"],
        ["**0.3000**"],
        ["0.4000"],
    ]


def test_a_mean_over_fewer_images_says_so_and_is_not_the_best():
    records = [
        record(20.0, "a", image="a"),
        record(30.0, "a", image="b"),
        record(40.0, "b", image="b"),
    ]
    text = _text(records)
    assert _cells(text, "b", "PSNR") == ["40.00 (n=1)"]
    assert _cells(text, "a", "PSNR") == ["**25.00**"]


def test_times_are_not_judged():
    text = _text(_of({"a": {2: 1.0}, "gan": {2: 2.0}}, metric="seconds-per-mp"))
    assert _cells(text, "a", "seconds") == ["1.00"]
    assert _cells(text, "gan", "seconds") == ["2.00"]


def test_the_nearest_to_the_originals_texture_is_the_best():
    values = {"liif": {2: 4.0, 4: 3.0}, "liif-gan": {2: 9.5, 4: 7.0}, "original": {2: 8.0, 4: 8.0}}
    text = _text(_of(values, metric="texture-strength"), gans=["liif-gan"])
    title = "texture strength ≈"
    assert _cells(text, "liif", title) == ["4.00", "3.00"]
    assert _cells(text, "liif-gan", title) == ["**9.50**†", "**7.00**†"]
    assert _cells(text, "original", title) == ["8.00", "8.00"]
    assert "≈: the best is the nearest" in text
    assert "≈" not in _text(_of({"liif": {2: 30.0}}))


def test_texture_is_not_judged_without_all_originals():
    records = _of({"liif": {2: 4.0}, "liif-gan": {2: 7.0}}, metric="texture-strength")
    alone = _text(records)
    assert _cells(alone, "liif-gan", "texture strength") == ["7.00"]
    more = [msgspec.structs.replace(r, image="b") for r in records]
    fewer = [record(8.0, "original", metric="texture-strength", scale=2)]
    text = _text([*records, *more, *fewer])
    assert _cells(text, "liif-gan", "texture strength") == ["7.00"]
    assert _cells(text, "original", "texture strength") == ["8.00 (n=1)"]


def test_captions_name_the_degradation():
    degraded = msgspec.structs.replace(PROTOCOL, degradation="blur0.8+noise10")
    text = _text([record(1.0)], protocol=degraded)
    assert "## d (1 images), degraded by blur0.8+noise10\n" in text
    assert "Then LR pictures were degraded: blur0.8+noise10 (noiseN: Gaussian noise" in text
    assert "degraded" not in _text([record(1.0)])


def test_scales_are_columns_and_data_sets_sections():
    records = [*_of({"a": {4.5: 1.0, 2: 2.0}}), record(3.0, "a", dataset="e", scale=3.0)]
    text = _text(records)
    assert text.index("## d (1 images)") < text.index("## e (1 images)")
    assert "| model | metric | x2 | x4.5 |" in text
    assert "| model | metric | x3 |" in text


def test_what_was_left_out_and_how_it_was_measured_is_told():
    skips = [
        Skip(dataset="d", image="x.txt", reason="not an image"),
        Skip(dataset="d", image="a", scale=4.5, model="m", metric="dists", reason="too small"),
    ]
    text = _text([record(1.0)], skipped=skips)
    assert "- d/x.txt: not an image" in text
    assert "- d/a x4.5 (m, dists): too small" in text
    assert "border of scale pixels" in text
    assert "Measured with liifgan 0." in text


def test_gans_are_what_the_report_says_and_not_a_part_of_a_name():
    records = _of({"elegant": {2: 30.0}, "mine@0.5": {2: 28.0}, "vegan": {2: 29.0}})
    text = _text(records, gans=["mine@0.5"])
    title = "PSNR (RGB, dB)"
    cells = [_cells(text, name, title) for name in ("elegant", "mine@0.5", "vegan")]
    assert cells == [["**30.00**"], ["28.00†"], ["29.00"]]
    assert "†: the best of the networks that were trained against a discriminator" in text
