"""Several results of one photo: one encoding, and a manifest that knows each of them."""

from pathlib import Path

import pytest
from PIL import Image as PilImage

from liifgan_core.batch.outcome import Outcome
from liifgan_core.batch.paths import decode_line, encode_line
from liifgan_core.batch.wanted import NamedRule
from liifgan_core.progress import CancelToken
from liifgan_core.sizing import box_rule, relative_rule
from tests.core.batch.conftest import Batches

DOUBLE, WIDE, THUMB = (
    NamedRule(relative_rule("scale", 2.0)),
    NamedRule(relative_rule("width", 20), "wide"),
    NamedRule(relative_rule("long-edge", 4), "thumb"),
)


def test_a_photo_is_encoded_once_for_all_sizes(batches: Batches) -> None:
    batches.save("a.png")
    assert batches.run(rules=(DOUBLE, WIDE, THUMB)) == {"a.png": "done"}
    assert batches.exporter.num_encodings == 1
    assert batches.results() == {
        "a_16x12.png": "16x12 png",
        "a_20x15.png": "20x15 png",
        "a_4x3.png": "4x3 png",
    }
    done = [line for line in batches.lines() if line["status"] == "done"]
    assert [(line["width"], line["height"]) for line in done] == [(16, 12), (20, 15), (4, 3)]
    assert len({line["settings"] for line in done}) == 3


def test_a_batch_that_asks_for_more_sizes_does_only_these(batches: Batches) -> None:
    batches.save("a.png")
    batches.run(rules=(DOUBLE,))
    assert batches.run(rules=(DOUBLE, THUMB), resume=True) == {"a.png": "done"}
    assert [target.name for target in batches.exporter.targets] == ["a_16x12.png", "a_4x3.png"]
    assert batches.run(rules=(DOUBLE, THUMB), resume=True) == {"a.png": "skipped"}
    assert batches.run(rules=(THUMB,), resume=True) == {"a.png": "skipped"}
    assert len(batches.exporter.targets) == 2


def test_one_result_that_is_gone_is_made_anew(batches: Batches) -> None:
    batches.save("a.png")
    batches.run(rules=(DOUBLE, WIDE))
    (batches.out / "a_16x12.png").unlink()
    assert batches.run(rules=(DOUBLE, WIDE), resume=True) == {"a.png": "done"}
    assert [target.name for target in batches.exporter.targets[2:]] == ["a_16x12.png"]


def test_one_result_that_fails_leaves_the_others(batches: Batches) -> None:
    batches.save("a.png")
    batches.out.mkdir()
    (batches.out / "a_20x15.png").write_text("mine")
    with batches.batch(rules=(DOUBLE, WIDE, THUMB)) as batch:
        outcome = batch.upscale(batch.photos[0])
    assert outcome.status == "failed"
    assert [part.status for part in outcome.parts] == ["done", "failed", "done"]
    assert "a_20x15.png exists already" in outcome.message
    assert batches.results()["a_20x15.png"] == "mine"
    (batches.out / "a_20x15.png").unlink()
    assert batches.run(rules=(DOUBLE, WIDE, THUMB), resume=True) == {"a.png": "done"}
    assert [target.name for target in batches.exporter.targets] == [
        "a_16x12.png",
        "a_4x3.png",
        "a_20x15.png",
    ]


def test_how_several_results_ended_is_plain_data(batches: Batches) -> None:
    batches.save("a.png")
    with batches.batch(rules=(DOUBLE, WIDE)) as batch:
        outcome = batch.upscale(batch.photos[0])
    assert len(outcome.parts) == 2
    assert decode_line(encode_line(outcome), Outcome) == outcome


def test_two_sizes_that_are_one_name_for_a_photo_are_refused_before_any_is_begun(
    batches: Batches,
) -> None:
    batches.save("a.png")
    PilImage.new("RGB", (9, 3)).save(batches.photos / "flat.png")
    # 8x6 fits into both boxes at other sizes; 9x3 does not.
    rules = (NamedRule(box_rule("fit", "18x99")), NamedRule(box_rule("fit", "18x9")))
    with batches.batch(rules=rules) as batch:
        good, bad = (batch.upscale(photo) for photo in batch.photos)
    assert (good.status, bad.status) == ("done", "failed")
    assert "two of its results would be" in bad.message
    assert set(batches.results()) == {"a_18x14.png", "a_12x9.png"}


def test_what_a_header_tells_to_be_there_is_left_only_where_all_is(
    batches: Batches, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches.save("a.png")
    batches.out.mkdir()
    (batches.out / "a_16x12.png").write_text("mine")
    assert batches.run(rules=(DOUBLE, THUMB), existing="skip") == {"a.png": "done"}
    assert batches.results() == {"a_16x12.png": "mine", "a_4x3.png": "4x3 png"}
    monkeypatch.setattr("liifgan_core.batch.plan.read_image", pytest.fail)
    assert batches.run(rules=(DOUBLE, THUMB), existing="skip") == {"a.png": "skipped"}


def test_a_claim_on_one_size_keeps_others_from_the_photo_and_is_given_up(
    batches: Batches,
) -> None:
    batches.save("a.png")
    with batches.batch(rules=(DOUBLE, THUMB)) as mine, batches.batch(rules=(THUMB,)) as theirs:
        photo = mine.photos[0]
        assert theirs.manifest is not None
        assert theirs.manifest.claim(photo.path, theirs.settings[0])
        assert mine.upscale(photo).status == "busy"
        # None of the claims that it had begun with is left.
        with batches.batch(rules=(DOUBLE,)) as third:
            assert third.upscale(photo).status == "done"
        theirs.manifest.release(photo.path, theirs.settings[0])
        outcome = mine.upscale(photo, waits=True, cancel=CancelToken())
    assert [part.status for part in outcome.parts] == ["skipped", "done"]


def test_the_map_of_what_was_invented_is_a_result_of_its_own(batches: Batches) -> None:
    batches.save("a.jpg")
    batches.run(rules=(DOUBLE,), has_invented_map=True)
    assert batches.results() == {"a_16x12.jpg": "16x12 jpeg", "a_16x12_invented.png": "16x12 png"}
    asked = [(options.format, options.shows) for options in batches.exporter.asked]
    assert asked == [("jpeg", "picture"), ("png", "invented")]
    assert batches.exporter.num_encodings == 1
    Path(batches.out / "a_16x12_invented.png").unlink()
    assert batches.run(rules=(DOUBLE,), has_invented_map=True, resume=True) == {"a.jpg": "done"}
    assert len(batches.exporter.asked) == 3


class Killed(BaseException):
    pass


def test_a_batch_that_is_killed_between_two_results_goes_on_with_the_second(
    batches: Batches,
) -> None:
    batches.save("a.png")

    def killed(target: Path) -> None:
        if target.name == "a_4x3.png":
            raise Killed

    batches.exporter.before_writing = killed
    with pytest.raises(Killed):
        batches.run(rules=(DOUBLE, THUMB))
    assert set(batches.results()) == {"a_16x12.png"}
    batches.exporter.before_writing = lambda _: None
    assert batches.run(rules=(DOUBLE, THUMB), resume=True) == {"a.png": "done"}
    assert [target.name for target in batches.exporter.targets[2:]] == ["a_4x3.png"]
    assert set(batches.results()) == {"a_16x12.png", "a_4x3.png"}


def test_each_record_has_what_its_result_has_lost(batches: Batches) -> None:
    photo = batches.save("a.jpg")
    with batches.batch(rules=(DOUBLE, THUMB), has_invented_map=True, bit_depth=16) as batch:
        outcome = batch.upscale(batch.photos[0])
    records = [part.record for part in outcome.parts if part.record is not None]
    assert [(record.shows, [loss.code for loss in record.losses]) for record in records] == [
        ("picture", ["bits-asked"]),
        ("invented", []),
        ("picture", ["bits-asked"]),
        ("invented", []),
    ]
    assert records[0].losses[0].values["file"] == str(photo)
