import dataclasses
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image as PilImage

from liifgan_core.errors import LiifganError
from liifgan_core.evaluation import benchmark
from liifgan_core.evaluation.benchmark import Outcome, Request, Step, evaluate
from liifgan_core.evaluation.dataset import find_datasets, read_original
from liifgan_core.evaluation.degradation import CLEAN, parse_degradation
from liifgan_core.evaluation.measures import parse_metrics
from liifgan_core.evaluation.methods import Bicubic, Method
from liifgan_core.evaluation.metrics import psnr
from liifgan_core.evaluation.protocol import find_protocol, make_pair
from liifgan_core.evaluation.records import Report, read_report, write_report
from liifgan_core.evaluation.texture import texture
from liifgan_core.progress import Cancelled, CancelToken
from tests.core.evaluation.conftest import CountingMethod, save_original


def _request(
    folder: Path,
    methods: Sequence[Method],
    *,
    scales: Sequence[float] = (2.0, 3.0),
    metrics: Sequence[str] = ("psnr", "ssim"),
    protocol: str = "rgb",
    degradation: str | None = None,
) -> Request:
    chosen = find_protocol(protocol)
    return Request(
        datasets=find_datasets([folder]),
        methods=methods,
        scales=scales,
        metrics=parse_metrics(metrics, chosen),
        protocol=chosen,
        out=folder.parent / "out",
        degradation=CLEAN if degradation is None else parse_degradation(degradation),
    )


def _means(report: Report) -> dict[tuple[str, float, str], tuple[float, int]]:
    return {(row.model, row.scale, row.metric): (row.mean, row.n) for row in report.summary}


def test_the_means_are_those_of_all_images(originals: Path):
    outcome = evaluate(_request(originals, [Bicubic()]))
    expected = []
    for path in sorted(originals.iterdir()):
        pair = make_pair(read_original(path), 3.0)
        sr = Bicubic().upscale(pair.lr, pair.size)
        expected.append(psnr(sr, pair.hr, border=3, on_luma=False))
    mean, n = _means(outcome.report)["bicubic", 3.0, "psnr-rgb"]
    assert (mean, n) == (pytest.approx(np.mean(expected)), 2)
    assert outcome.num_measured == len(outcome.report.records) == 2 * 2 * 2
    assert outcome.failures == ()


def test_a_second_run_computes_nothing(originals: Path):
    first, second = CountingMethod(), CountingMethod()
    before = evaluate(_request(originals, [first])).report
    outcome = evaluate(_request(originals, [second]))
    assert len(first.calls) == 4
    assert second.calls == []
    assert outcome.num_measured == 0
    assert outcome.report == before


def test_only_what_is_missing_is_computed(originals: Path):
    first = CountingMethod()
    evaluate(_request(originals, [first], scales=[2.0], metrics=["psnr"]))
    again, new = CountingMethod(), CountingMethod("new", darken=0.1)
    report = evaluate(_request(originals, [again, new], scales=[2.0, 3.0])).report
    # x2 lacks the SSIM of the first method; it is called for it, but its PSNR is kept.
    assert (len(again.calls), len(new.calls)) == (4, 4)
    assert {n for _, n in _means(report).values()} == {2}
    assert len(_means(report)) == 2 * 2 * 2
    save_original(originals / "c.png", 40, 40, seed=2)
    third = CountingMethod()
    report = evaluate(_request(originals, [third])).report
    assert len(third.calls) == 2
    assert _means(report)["fake", 2.0, "psnr-rgb"][1] == 3
    assert _means(report)["new", 2.0, "psnr-rgb"][1] == 2


def test_other_weights_are_measured_again(originals: Path):
    before = evaluate(_request(originals, [CountingMethod()])).report
    changed = CountingMethod(fingerprint="2", darken=0.2)
    after = evaluate(_request(originals, [changed])).report
    assert len(changed.calls) == 4
    assert after.models == {"fake": "2"}
    key = "fake", 2.0, "psnr-rgb"
    assert _means(after)[key][0] < _means(before)[key][0]


def test_a_removed_image_leaves_the_mean(originals: Path):
    evaluate(_request(originals, [CountingMethod()]))
    (originals / "b.png").unlink()
    report = evaluate(_request(originals, [CountingMethod()])).report
    assert {n for _, n in _means(report).values()} == {1}
    assert {r.image for r in report.records} == {"a"}


def test_too_small_images_are_listed_and_in_no_mean(originals: Path):
    save_original(originals / "tiny.png", 10, 40)
    method = CountingMethod()
    report = evaluate(_request(originals, [method], scales=[2.0])).report
    # Within a border of 2, six of ten pixels are left: enough for PSNR, not for SSIM's window.
    assert _means(report)["fake", 2.0, "psnr-rgb"][1] == 3
    assert _means(report)["fake", 2.0, "ssim-rgb"][1] == 2
    [skip] = report.skipped
    assert (skip.image, skip.scale, skip.metric) == ("tiny", 2.0, "ssim-rgb")
    assert skip.reason == "10x40 pixels are too few; 15 a side are needed"


def test_images_smaller_than_the_scale_are_listed(originals: Path):
    PilImage.fromarray(np.zeros((2, 50, 3), np.uint8)).save(originals / "thin.png")
    method = CountingMethod()
    report = evaluate(_request(originals, [method], scales=[3.0], metrics=["psnr"])).report
    assert [(skip.image, skip.metric) for skip in report.skipped] == [("thin", "psnr-rgb")]
    assert _means(report)["fake", 3.0, "psnr-rgb"][1] == 2


def test_files_that_are_no_images_are_listed_and_damaged_ones_fail(originals: Path):
    (originals / "notes.txt").write_text("no image")
    damaged = originals / "a.png"
    damaged.write_bytes(damaged.read_bytes()[:200])
    outcome = evaluate(_request(originals, [CountingMethod()]))
    reasons = {skip.image: skip.reason for skip in outcome.report.skipped}
    assert reasons["notes.txt"] == "not an image"
    assert "damaged" in reasons["a"]
    assert [failure.image for failure in outcome.failures] == ["a"]
    assert {n for _, n in _means(outcome.report).values()} == {1}


def test_a_method_that_fails_costs_only_that_picture(originals: Path):
    failing = CountingMethod("failing", fails_on=lambda size: size.width == 48)
    outcome = evaluate(_request(originals, [failing, CountingMethod()], scales=[2.0]))
    assert _means(outcome.report)["failing", 2.0, "psnr-rgb"][1] == 1
    assert _means(outcome.report)["fake", 2.0, "psnr-rgb"][1] == 2
    [failure] = outcome.failures
    assert (failure.image, failure.model) == ("a", "failing")
    assert "cannot make 48x40" in failure.reason
    again = CountingMethod("failing")
    mended = evaluate(_request(originals, [again], scales=[2.0]))
    assert len(again.calls) == 1
    assert mended.report.skipped == []


def test_a_method_has_nothing_below_its_least_scale(originals: Path):
    method = CountingMethod(least_scale=3.0)
    report = evaluate(_request(originals, [method])).report
    assert {r.scale for r in report.records} == {3.0}
    assert report.skipped == []


def test_infinite_values_are_listed_and_in_no_mean(originals: Path):
    PilImage.fromarray(np.full((40, 40, 3), 51, np.uint8)).save(originals / "flat.png")
    report = evaluate(_request(originals, [Bicubic()], scales=[2.0])).report
    assert _means(report)["bicubic", 2.0, "psnr-rgb"][1] == 2
    assert _means(report)["bicubic", 2.0, "ssim-rgb"][1] == 3
    [skip] = report.skipped
    assert (skip.image, skip.model, skip.metric) == ("flat", "bicubic", "psnr-rgb")


def test_time_is_measured_per_output_megapixel(originals: Path, monkeypatch: pytest.MonkeyPatch):
    clock = iter(np.arange(0.0, 1e6, 0.5))
    monkeypatch.setattr(benchmark.time, "perf_counter", lambda: float(next(clock)))
    method = CountingMethod()
    report = evaluate(_request(originals, [method], scales=[2.0], metrics=["time"])).report
    assert method.num_forgotten == 2  # or else rows of one model would be timed as one
    values = {r.image: r.value for r in report.records}
    assert values == pytest.approx({"a": 0.5e6 / (48 * 40), "b": 0.5e6 / (36 * 36)})


def test_a_cancelled_run_keeps_what_it_has_and_goes_on(originals: Path):
    cancel, method = CancelToken(), CountingMethod()
    request = _request(originals, [method])

    def stop_after_two(step: Step) -> None:
        if step.number == 2:
            cancel.cancel()

    with pytest.raises(Cancelled):
        evaluate(request, step=stop_after_two, cancel=cancel)
    assert len(method.calls) == 2
    assert evaluate(request).num_measured == 4
    assert len(method.calls) == 4


def test_a_defect_in_a_method_loses_nothing(originals: Path):
    class Broken(CountingMethod):
        def upscale(self, lr, size):
            raise KeyError("a defect")

    with pytest.raises(KeyError):
        evaluate(_request(originals, [CountingMethod(), Broken("broken")], scales=[2.0]))
    method = CountingMethod()
    evaluate(_request(originals, [method], scales=[2.0]))
    assert len(method.calls) == 1


def test_steps_count_what_is_left(originals: Path):
    save_original(originals / "0.png", 3, 60)  # too small for x2 with its border
    steps: list[Step] = []
    methods = [CountingMethod(), CountingMethod("x3", least_scale=3.0)]
    evaluate(_request(originals, methods), step=steps.append)
    assert [step.number for step in steps] == list(range(1, 7))
    assert steps[-1].total == 6
    assert steps[-1].seconds_left == 0.0
    assert steps[0].what == "photos/a x2 fake"


def test_earlier_lists_are_kept_where_this_run_does_not_look(originals: Path, tmp_path: Path):
    save_original(originals / "tiny.png", 8, 40)
    evaluate(_request(originals, [CountingMethod()], scales=[3.0]))
    report = evaluate(_request(originals, [CountingMethod()], scales=[2.0])).report
    assert {skip.scale for skip in report.skipped} == {2.0, 3.0}
    again = evaluate(_request(originals, [CountingMethod()], scales=[2.0, 3.0])).report
    assert sorted(again.skipped, key=str) == sorted(report.skipped, key=str)


def test_records_follow_the_order_of_folders_models_and_scales(originals: Path):
    other = originals.parent / "another"
    save_original(other / "c.png", 40, 40)
    request = _request(originals, [CountingMethod("z"), CountingMethod("a")], metrics=["psnr"])
    both = dataclasses.replace(request, datasets=find_datasets([originals, other]))
    rows = [(row.dataset, row.model, row.scale) for row in evaluate(both).report.summary]
    folders = ("photos", "another")
    assert rows == [(d, m, s) for d in folders for m in ("z", "a") for s in (2.0, 3.0)]


def test_the_protocol_decides_channels_and_border(originals: Path):
    outcome = evaluate(_request(originals, [Bicubic()], scales=[2.0], protocol="div2k"))
    protocol = outcome.report.protocol
    assert (protocol.name, protocol.border) == ("div2k", "scale + 6")
    pair = make_pair(read_original(originals / "a.png"), 2.0)
    expected = psnr(Bicubic().upscale(pair.lr, pair.size), pair.hr, border=8, on_luma=False)
    [found] = [r for r in outcome.report.records if (r.image, r.metric) == ("a", "psnr-rgb")]
    assert found.value == pytest.approx(expected)
    with pytest.raises(LiifganError, match="choose another --out"):
        evaluate(_request(originals, [Bicubic()], protocol="y"))


def test_the_file_is_written_while_the_run_goes_on(
    originals: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(benchmark, "_SAVE_INTERVAL_S", -1.0)
    request = _request(originals, [CountingMethod()], scales=[2.0], metrics=["psnr"])
    seen: list[int] = []

    class Watching(CountingMethod):
        def upscale(self, lr, size):
            earlier = read_report(request.out, outcome_protocol)
            seen.append(0 if earlier is None else len(earlier.records))
            return super().upscale(lr, size)

    outcome: Outcome = evaluate(request)
    outcome_protocol = outcome.report.protocol
    (request.out / "records.json").unlink()
    evaluate(_request(originals, [Watching()], scales=[2.0], metrics=["psnr"]))
    assert seen == [0, 1]


def test_texture_is_measured_of_the_originals_too(originals: Path):
    outcome = evaluate(
        _request(originals, [CountingMethod()], scales=[2.0], metrics=["psnr", "texture"])
    )
    pictures = [make_pair(read_original(p), 2.0).hr for p in sorted(originals.iterdir())]
    strength = np.mean([texture(picture).strength for picture in pictures])
    coherence = np.mean([texture(picture).coherence for picture in pictures])
    means = _means(outcome.report)
    assert means["original", 2.0, "texture-strength"] == (pytest.approx(strength), 2)
    assert means["original", 2.0, "texture-coherence"] == (pytest.approx(coherence), 2)
    assert ("original", 2.0, "psnr-rgb") not in means
    assert means["fake", 2.0, "texture-strength"][0] < strength
    assert list(outcome.report.models) == ["fake", "original"]
    assert outcome.num_measured == len(outcome.report.records) == 2 * 3 + 2 * 2


def test_originals_are_measured_once_and_stay_the_last_row(originals: Path):
    first = _request(originals, [CountingMethod()], scales=[2.0], metrics=["texture"])
    before = evaluate(first).report
    again = CountingMethod()
    outcome = evaluate(_request(originals, [again], scales=[2.0], metrics=["texture"]))
    assert (outcome.num_measured, again.calls, outcome.report) == (0, [], before)
    new = CountingMethod("new", darken=0.1)
    outcome = evaluate(_request(originals, [new], scales=[2.0], metrics=["texture"]))
    assert outcome.num_measured == 2 * 2
    models = list(dict.fromkeys(row.model for row in outcome.report.summary))
    assert models == ["new", "fake", "original"]


def test_an_interrupted_run_catches_up_on_originals(originals: Path):
    request = _request(originals, [CountingMethod()], scales=[2.0], metrics=["texture"])
    report = evaluate(request).report
    kept = [r for r in report.records if (r.model, r.image) != ("original", "b")]
    write_report(request.out, msgspec.structs.replace(report, records=kept))
    again = CountingMethod()
    assert evaluate(dataclasses.replace(request, methods=[again])).report == report
    assert again.calls == []


def test_pictures_without_texture_have_a_strength_and_no_coherence(originals: Path):
    PilImage.fromarray(np.full((40, 40, 3), 51, np.uint8)).save(originals / "flat.png")
    report = evaluate(_request(originals, [Bicubic()], scales=[2.0], metrics=["texture"])).report
    for model in ("bicubic", "original"):
        assert _means(report)[model, 2.0, "texture-strength"][1] == 3
    assert _means(report)["original", 2.0, "texture-coherence"][1] == 2
    of_flat = [skip for skip in report.skipped if skip.image == "flat"]
    assert {skip.model for skip in of_flat} == {"bicubic", "original"}
    reason = "texture-coherence is nan: it is not defined for this picture"
    assert {skip.reason for skip in of_flat} == {reason}


def test_models_see_degraded_pictures_and_are_compared_with_the_original(originals: Path):
    chain = "blur0.8+noise20+jpeg60"
    outcome = evaluate(_request(originals, [Bicubic()], scales=[2.0], degradation=chain))
    assert outcome.report.protocol.degradation == chain
    [found] = [r for r in outcome.report.records if (r.image, r.metric) == ("b", "psnr-rgb")]
    # b.png is the second of the folder: number 1.
    pair = make_pair(
        read_original(originals / "b.png"), 2.0, degradation=parse_degradation(chain), number=1
    )
    sr = Bicubic().upscale(pair.lr, pair.size)
    assert found.value == pytest.approx(psnr(sr, pair.hr, border=2, on_luma=False))


def test_records_of_another_degradation_need_another_folder(originals: Path):
    evaluate(_request(originals, [Bicubic()], degradation="jpeg60"))
    assert evaluate(_request(originals, [Bicubic()], degradation="jpeg060")).num_measured == 0
    for other in (None, "jpeg61", "jpeg60+blur0.8"):
        with pytest.raises(LiifganError, match="with the degradation jpeg60, not"):
            evaluate(_request(originals, [Bicubic()], degradation=other))


@pytest.mark.parametrize(("degradation", "num_calls"), [("noise5", 3), ("jpeg60", 1)])
def test_pictures_whose_number_changes_are_measured_again_where_it_seeds_noise(
    originals: Path, degradation: str, num_calls: int
):
    def request(method: CountingMethod) -> Request:
        return _request(originals, [method], scales=[2.0], degradation=degradation)

    evaluate(request(CountingMethod()))
    save_original(originals / "0.png", 40, 40, seed=2)
    method = CountingMethod()
    report = evaluate(request(method)).report
    assert len(method.calls) == num_calls
    assert {n for _, n in _means(report).values()} == {3}


def test_metrics_that_a_scale_does_not_have_are_neither_missing_nor_left_out(originals: Path):
    def request(method: CountingMethod) -> Request:
        return _request(originals, [method], scales=[2.0, 2.5], metrics=["grid"])

    report = evaluate(request(CountingMethod())).report
    assert {record.scale for record in report.records} == {2.0}
    assert {record.model for record in report.records} == {"fake", "original"}
    assert report.skipped == []
    again = CountingMethod()
    assert evaluate(request(again)).num_measured == 0
    assert again.calls == []
