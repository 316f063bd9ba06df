"""What counts as done, and what becomes of files that are in the way."""

import os
from pathlib import Path
from typing import Any

import msgspec
import pytest

from liifgan_core.batch.manifest import MANIFEST_NAME, ManifestError
from liifgan_core.batch.run import BatchRun
from liifgan_core.images import read
from liifgan_core.progress import Cancelled, CancelToken
from tests.core.batch.conftest import Batches


class Killed(BaseException):
    """Ends a test's batch as a kill would: nothing that handles errors sees it."""


def one_photo(batches: Batches) -> Path:
    batches.save("a.png")
    return batches.out / "a_16x12.png"


def test_what_is_done_is_not_read_again(batches: Batches, monkeypatch: pytest.MonkeyPatch) -> None:
    one_photo(batches)
    assert batches.run() == {"a.png": "done"}
    monkeypatch.setattr("liifgan_core.batch.plan.read_image", pytest.fail)
    monkeypatch.setattr("liifgan_core.batch.stamps.stamp_of", pytest.fail)
    assert batches.run(resume=True) == {"a.png": "skipped"}
    assert batches.run(existing="skip") == {"a.png": "skipped"}


def test_a_photo_that_changed_is_done_anew_under_resume_only(batches: Batches) -> None:
    result = one_photo(batches)
    batches.run()
    batches.save("a.png", size=(8, 6), colour=9)
    assert batches.run(existing="skip") == {"a.png": "skipped"}
    assert batches.run() == {"a.png": "failed"}
    assert batches.run(resume=True) == {"a.png": "done"}
    assert result.read_text() == "16x12 png"
    assert batches.run(resume=True) == {"a.png": "skipped"}


def test_a_change_of_the_same_length_with_the_old_times_is_noticed(batches: Batches) -> None:
    photo = batches.save("a.bmp", colour=1)
    batches.run()
    before = photo.stat()
    batches.save("a.bmp", colour=2)
    os.utime(photo, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = photo.stat()
    assert (after.st_size, after.st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert batches.run(resume=True) == {"a.bmp": "done"}


def test_a_photo_with_other_times_but_the_same_content_is_done(batches: Batches) -> None:
    one_photo(batches)
    batches.run()
    os.utime(batches.photos / "a.png", (1, 1))
    assert batches.run(resume=True) == {"a.png": "skipped"}


@pytest.mark.parametrize(
    "changes",
    [
        {"sha256": "1" * 64},
        {"number_format": "bf16"},
        {"quality": 70},
        {"strip_metadata": True},
        {"bit_depth": 8},
    ],
    ids=str,
)
def test_other_settings_make_a_result_anew(changes: dict[str, Any], batches: Batches) -> None:
    one_photo(batches)
    batches.run()
    options = {
        name: value for name, value in changes.items() if name not in vars(type(batches.exporter))
    }
    for name in changes.keys() - options.keys():
        setattr(batches.exporter, name, changes[name])
    assert batches.run(resume=True, **options) == {"a.png": "done"}
    assert batches.run(resume=True, **options) == {"a.png": "skipped"}


def test_the_detail_counts_for_models_that_have_some(batches: Batches) -> None:
    one_photo(batches)
    batches.run(detail=1.0)
    assert batches.run(resume=True, detail=0.5) == {"a.png": "skipped"}
    batches.exporter.has_detail = True
    assert batches.run(resume=True, detail=0.5) == {"a.png": "done"}
    assert batches.run(resume=True, detail=1.0) == {"a.png": "done"}


def test_a_result_that_somebody_has_changed_is_theirs(batches: Batches) -> None:
    result = one_photo(batches)
    batches.run()
    changed = result.read_text().replace("16", "61")
    times = result.stat()
    result.write_text(changed)
    os.utime(result, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert batches.run(resume=True) == {"a.png": "failed"}
    assert batches.run(existing="skip") == {"a.png": "skipped"}
    assert result.read_text() == changed
    assert batches.run(existing="replace") == {"a.png": "done"}


@pytest.mark.parametrize(("existing", "status"), [("keep", "failed"), ("skip", "skipped")])
def test_an_older_result_that_is_changed_while_the_photo_is_done_anew_stays(
    existing: str, status: str, batches: Batches
) -> None:
    result = one_photo(batches)
    batches.run()
    batches.save("a.png", colour=9)
    batches.exporter.before_writing = lambda target: target.write_text("mine") and None
    assert batches.run(existing=existing, resume=True) == {"a.png": status}
    assert result.read_text() == "mine"


def test_a_file_that_appears_while_a_photo_is_done_stays(batches: Batches) -> None:
    result = one_photo(batches)

    def somebody_writes(target: Path) -> None:
        target.parent.mkdir(exist_ok=True)
        target.write_text("mine")

    batches.exporter.before_writing = somebody_writes
    assert batches.run() == {"a.png": "failed"}
    assert result.read_text() == "mine"
    result.unlink()
    assert batches.run(existing="skip") == {"a.png": "skipped"}
    assert result.read_text() == "mine"


@pytest.mark.parametrize("existing", ["keep", "skip"])
def test_a_file_that_no_manifest_knows_is_never_replaced(existing: str, batches: Batches) -> None:
    result = one_photo(batches)
    result.parent.mkdir()
    result.write_text("mine")
    expected = {"keep": "failed", "skip": "skipped"}[existing]
    assert batches.run(existing=existing, resume=True) == {"a.png": expected}
    assert batches.run(existing=existing) == {"a.png": expected}
    assert result.read_text() == "mine"


def test_what_a_header_tells_to_be_there_is_not_decoded(
    batches: Batches, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = one_photo(batches)
    result.parent.mkdir()
    result.write_text("mine")
    monkeypatch.setattr("liifgan_core.batch.plan.read_image", pytest.fail)
    assert batches.run(existing="skip") == {"a.png": "skipped"}


def test_a_folder_in_the_place_of_a_result_is_no_result(batches: Batches) -> None:
    one_photo(batches).mkdir(parents=True)
    assert batches.run(existing="skip") == {"a.png": "failed"}
    assert batches.run(existing="replace") == {"a.png": "failed"}


@pytest.mark.parametrize("resume", [False, True])
@pytest.mark.parametrize("existing", ["keep", "skip", "replace"])
def test_two_photos_of_one_stem_never_hide_each_other(
    existing: str, resume: bool, batches: Batches
) -> None:
    batches.save("p.jpg", 1)
    batches.save("p.png", 2)
    options = {"existing": existing, "resume": resume, "format": "png"}
    assert batches.run(**options) == {"p.jpg": "done", "p.png": "failed"}
    again = batches.run(**options)
    assert again["p.png"] == "failed"
    assert len(batches.exporter.targets) == (2 if existing == "replace" and not resume else 1)


@pytest.mark.parametrize("resume", [False, True])
@pytest.mark.parametrize("existing", ["keep", "skip", "replace"])
def test_the_result_of_another_batchs_photo_hides_none(
    existing: str, resume: bool, batches: Batches
) -> None:
    first = batches.save("p.jpg", 1)
    batches.run(format="png")
    second = batches.save("p.png", 2)
    with batches.batch(existing=existing, resume=resume, format="png") as batch:
        photo = next(each for each in batch.photos if each.path == second)
        outcome = batch.upscale(photo)
    assert outcome.status == "failed"
    assert str(first) in outcome.message
    assert len(batches.exporter.targets) == 1


def test_a_photo_that_has_gone_leaves_its_name_to_who_may_replace(batches: Batches) -> None:
    first = batches.save("p.jpg", 1)
    batches.run(format="png")
    first.unlink()
    batches.save("p.png", 2)
    assert batches.run(format="png", existing="skip") == {"p.png": "failed"}
    assert batches.run(format="png", resume=True) == {"p.png": "failed"}
    assert batches.run(format="png", existing="replace") == {"p.png": "done"}
    assert batches.run(format="png", resume=True) == {"p.png": "skipped"}


def test_a_photo_is_never_replaced_by_a_result(batches: Batches) -> None:
    batches.save("a.png")
    other = batches.save("a_16x12.png", 5)
    before = other.read_bytes()
    batches.out = batches.photos
    assert batches.run(existing="replace")["a.png"] == "failed"
    assert other.read_bytes() == before


def test_results_among_the_photos_are_left_out(batches: Batches) -> None:
    batches.save("a.png")
    batches.out = batches.photos / "out"
    assert batches.run() == {"a.png": "done"}
    assert batches.run(resume=True) == {"a.png": "skipped", "a_16x12.png": "left out"}


@pytest.mark.parametrize("status", ["started", "rendered", "done"])
@pytest.mark.parametrize("existing", ["keep", "replace"])
def test_a_batch_goes_on_after_a_kill_at_any_line(
    status: str, existing: str, batches: Batches, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = one_photo(batches)
    with batches.batch(existing=existing) as batch:
        assert batch.manifest is not None
        write = batch.manifest.write

        def killed(photo: Path, settings: str, event: Any, **facts: object) -> None:
            if event == "done" and status == "done":
                raise Killed  # the result has its name, and no line says so
            write(photo, settings, event, **facts)
            if event == status:
                raise Killed

        monkeypatch.setattr(batch.manifest, "write", killed)
        with pytest.raises(Killed):
            batch.upscale(batch.photos[0])
    assert result.exists() == (status == "done")
    expected = "skipped" if status == "done" else "done"
    assert batches.run(resume=True) == {"a.png": expected}
    assert result.read_text() == "16x12 png"


def test_a_file_that_is_put_where_a_killed_run_was_to_write_is_no_result(
    batches: Batches, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = one_photo(batches)
    batches.exporter.before_writing = lambda _: (_ for _ in ()).throw(Killed())
    with pytest.raises(Killed):
        batches.run()
    result.write_text("mine")
    batches.exporter.before_writing = lambda _: None
    assert [line["status"] for line in batches.lines()] == ["started"]
    assert batches.run(resume=True) == {"a.png": "failed"}
    assert result.read_text() == "mine"


def test_a_photo_that_changes_while_it_is_read_is_told(
    batches: Batches, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_photo(batches)

    def and_changed(path: Path, **options: Any) -> object:
        image = read.read_image(path, **options)
        batches.save("a.png", colour=200)
        return image

    with monkeypatch.context() as patch:
        patch.setattr("liifgan_core.batch.plan.read_image", and_changed)
        assert batches.run() == {"a.png": "failed"}
    assert "changed while it was read" in batches.lines()[-1]["error"]
    assert batches.results() == {}


def test_a_photo_that_changes_while_it_is_rendered_is_done_anew(batches: Batches) -> None:
    one_photo(batches)
    batches.exporter.before_writing = lambda _: batches.save("a.png", colour=200) and None
    assert batches.run() == {"a.png": "done"}
    batches.exporter.before_writing = lambda _: None
    assert batches.run(resume=True) == {"a.png": "done"}
    assert batches.run(resume=True) == {"a.png": "skipped"}


def test_a_photo_that_another_process_has_is_busy_and_shared(batches: Batches) -> None:
    one_photo(batches)
    with batches.batch() as mine, batches.batch() as theirs:
        photo = mine.photos[0]
        assert theirs.manifest is not None
        assert theirs.manifest.claim(photo.path, *theirs.settings)
        assert mine.upscale(photo).status == "busy"
        theirs.manifest.release(photo.path, *theirs.settings)
        assert theirs.upscale(photo).status == "done"
        assert mine.upscale(photo).status == "skipped"
    assert len(batches.exporter.targets) == 1


def test_waiting_for_another_process_can_be_cancelled(batches: Batches) -> None:
    one_photo(batches)
    cancel = CancelToken()
    cancel.cancel()
    with batches.batch() as mine, batches.batch() as theirs:
        assert theirs.manifest is not None
        assert theirs.manifest.claim(mine.photos[0].path, *theirs.settings)
        with pytest.raises(Cancelled):
            mine.upscale(mine.photos[0], cancel=cancel, waits=True)


def test_other_settings_are_no_business_of_a_claim(batches: Batches) -> None:
    one_photo(batches)
    with batches.batch() as mine, batches.batch(quality=3, format="jpeg") as theirs:
        assert theirs.manifest is not None
        assert theirs.manifest.claim(mine.photos[0].path, *theirs.settings)
        assert mine.upscale(mine.photos[0]).status == "done"


def test_a_failure_gives_the_claim_up(batches: Batches) -> None:
    (batches.photos / "a.png").write_bytes(b"no picture")
    with batches.batch() as mine, batches.batch() as theirs:
        for batch in (mine, theirs, mine):
            assert batch.upscale(batch.photos[0]).status == "failed"


def test_a_manifest_on_a_full_disk_ends_the_batch_before_the_result_has_a_name(
    batches: Batches, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_photo(batches)
    with batches.batch() as batch:

        def full(_descriptor: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(ManifestError, match="No space left on device"):
            batch.upscale(batch.photos[0])
    assert batches.results() == {}


def test_options_of_some_formats_apply_where_they_apply(batches: Batches) -> None:
    for name in ("a.png", "b.jpg", "c.tif"):
        batches.save(name)
    assert set(batches.run(quality=70, has_pyramid=True).values()) == {"done"}
    told = {asked.format: (asked.quality, asked.has_pyramid) for asked in batches.exporter.asked}
    assert told == {"png": (None, False), "jpeg": (70, False), "tiff": (None, True)}
    batches.exporter.asked.clear()
    batches.run(quality=70, format="png", existing="replace")
    # Where one format is asked for, its writer says that it has no quality.
    assert {asked.quality for asked in batches.exporter.asked} == {70}


def test_a_depth_that_a_photos_format_lacks_is_told(
    batches: Batches, caplog: pytest.LogCaptureFixture
) -> None:
    batches.save("a.png")
    batches.save("b.jpg")
    batches.run(bit_depth=16)
    assert {asked.format: asked.bit_depth for asked in batches.exporter.asked} == {
        "png": 16,
        "jpeg": 8,
    }
    assert "16 bits are asked for, its result as jpeg has 8" in caplog.text


def test_without_a_manifest_nothing_is_recorded(batches: Batches) -> None:
    one_photo(batches)
    with BatchRun(batches.options(), batches.exporter, [], manifest=None) as batch:
        photo = batches.batch().photos[0]
        assert batch.upscale(photo).status == "done"
        assert batch.upscale(photo).status == "failed"
    assert not (batches.out / MANIFEST_NAME).exists()


def test_a_worker_writes_to_its_journal_and_takes_up_what_another_has_left(
    batches: Batches, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = one_photo(batches)
    manifest = batches.out / MANIFEST_NAME

    def worker(name: str) -> BatchRun:
        return BatchRun(
            batches.options(),
            batches.exporter,
            batches.batch().photos,
            manifest=manifest,
            journal=f"run1.{name}",
        )

    with batches.batch() as driver:
        with worker("a") as first:
            assert first.upscale(first.photos[0], records=False).status == "done"
        # It was killed before it could tell: another one is given the photo.
        with worker("b") as second:
            outcome = second.upscale(second.photos[0], records=False)
        assert outcome.status == "skipped"
        assert manifest.read_bytes() == b""
        driver.record(driver.photos[0], outcome)
        assert driver.manifest is not None
        driver.manifest.fold("run1")
    assert [path.name for path in batches.out.iterdir() if path != result] == [MANIFEST_NAME]
    assert [line["status"] for line in batches.lines()] == ["skipped", "started", "rendered"]
    assert batches.run(resume=True) == {"a.png": "skipped"}


def test_outcomes_are_plain_data(batches: Batches) -> None:
    one_photo(batches)
    with batches.batch() as batch:
        outcome = batch.upscale(batch.photos[0])
    assert msgspec.convert(msgspec.to_builtins(outcome), type(outcome)) == outcome
