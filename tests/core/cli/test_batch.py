"""Whole folders: their tree, what is there already, the manifest, and any end of the process."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as PilImage

from liifgan_core.batch.manifest import MANIFEST_NAME
from liifgan_core.images.read import read_image
from liifgan_core.render import export
from tests.core.cli.conftest import Run, names, results, save_photo

pytestmark = pytest.mark.usefixtures("tiny_weights", "folder")

OPTIONS = ("--recursive", "-o", "out", "--scale", "2")


@pytest.fixture
def tree(folder: Path) -> Path:
    """photos/ with four photos in three folders, and things that are none."""
    root = folder / "photos"
    for name, width in (("b.png", 6), ("a.jpg", 7), ("sub/c.png", 8), ("sub/deep er/d.tif", 9)):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        save_photo(root / name, width, 5)
    (root / "notes.txt").write_text("hello")
    (root / ".hidden.png").write_bytes(b"x")
    (root / ".cache").mkdir()
    save_photo(root / ".cache" / "e.png", 5, 5)
    return root


RESULTS = {"b_12x10.png", "a_14x10.jpg", "sub/c_16x10.png", "sub/deep er/d_18x10.tif"}


def entries(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def statuses(path: Path) -> list[tuple[str, str]]:
    return [(Path(entry["input"]).name, entry["status"]) for entry in entries(path)]


def test_the_tree_is_kept(run: Run, folder: Path, tree: Path) -> None:
    result = run("upscale", "photos", *OPTIONS)
    assert (result.status, result.err) == (0, "")
    assert names(folder / "out") == {*RESULTS, MANIFEST_NAME}
    assert names(tree) == {
        *("b.png", "a.jpg", "sub/c.png", "sub/deep er/d.tif", "notes.txt"),
        *(".hidden.png", ".cache/e.png"),
    }


def test_results_inside_the_tree_are_no_photos(run: Run, folder: Path, tree: Path) -> None:
    options = ("--recursive", "--scale", "2", "--skip-existing")
    for output, place in (("photos/out", tree / "out"), ("photos", tree)):
        first = run("upscale", "photos", "-o", output, *options)
        before = names(place)
        again = run("upscale", "photos", "-o", output, *options)
        assert (first.status, again.status) == (0, 0)
        assert names(place) == before
    assert names(tree) >= RESULTS
    assert folder.is_dir()


def test_files_and_folders_may_be_mixed(run: Run, folder: Path, tree: Path) -> None:
    assert tree.is_dir()
    assert run("upscale", "photo.png", "photos/sub", *OPTIONS).status == 0
    expected = {"photo_24x20.png", "c_16x10.png", "deep er/d_18x10.tif", MANIFEST_NAME}
    assert names(folder / "out") == expected


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
def test_links_pipes_and_odd_names_are_handled(run: Run, folder: Path, tree: Path) -> None:
    (tree / "circle").symlink_to(tree)
    (tree / "link.png").symlink_to("b.png")
    (tree / "gone.png").symlink_to("nowhere.png")
    (tree / "folder.png").mkdir()
    save_photo(tree / "folder.png" / "in side\n.png", 3, 3)
    os.mkfifo(tree / "pipe.png")
    result = run("upscale", "photos", *OPTIONS)
    assert result.status == 1
    assert len(result.errors) == 2
    assert result.errors[0].startswith("liifgan: photos/gone.png does not exist")
    assert result.errors[1].startswith("liifgan: photos/pipe.png is not a regular file")
    expected = {*RESULTS, MANIFEST_NAME, "link_12x10.png", "folder.png/in side\n_6x6.png"}
    assert names(folder / "out") == expected


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is forbidden to root"
)
def test_a_folder_that_may_not_be_read_is_told(run: Run, tree: Path) -> None:
    (tree / "sub").chmod(0)
    result = run("upscale", "photos", *OPTIONS)
    (tree / "sub").chmod(0o755)
    assert result.status == 1
    assert "sub cannot be listed" in result.err


def test_a_bad_photo_is_recorded_and_the_rest_goes_on(run: Run, folder: Path, tree: Path) -> None:
    (tree / "b.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    result = run("upscale", "photos", *OPTIONS)
    assert result.status == 1
    assert len(result.errors) == 1
    told = statuses(folder / "out" / MANIFEST_NAME)
    assert told == [
        *(("a.jpg", "started"), ("a.jpg", "rendered"), ("a.jpg", "done"), ("b.png", "failed")),
        *(("c.png", "started"), ("c.png", "rendered"), ("c.png", "done")),
        *(("d.tif", "started"), ("d.tif", "rendered"), ("d.tif", "done")),
    ]
    failed = entries(folder / "out" / MANIFEST_NAME)[3]
    assert "damaged or cut off" in failed["error"]


def test_existing_results_are_skipped_when_told(run: Run, folder: Path, tree: Path) -> None:
    assert tree.is_dir()
    (folder / "out").mkdir()
    (folder / "out" / "b_12x10.png").write_text("mine")
    refused = run("upscale", "photos", *OPTIONS)
    assert refused.status == 1
    assert "b_12x10.png exists already" in refused.err
    result = run("upscale", "photos", *OPTIONS, "--skip-existing")
    assert (result.status, result.err) == (0, "")
    told = "0 done, 4 skipped because their results are there, 0 failed"
    assert result.out == f"{told}, 3 in folders passed over (-v names them)\n"
    assert (folder / "out" / "b_12x10.png").read_text() == "mine"


def test_contradicting_wishes_are_wrong_use(run: Run) -> None:
    result = run("upscale", "photo.png", *OPTIONS, "--skip-existing", "--overwrite")
    assert result.status == 2
    assert "contradict" in result.err


@pytest.mark.parametrize(
    ("template", "name"),
    [("{stem}", "photo.png"), ("x {stem}@{width}w{height}h {format}", "x photo@24w20h png.png")],
)
def test_names_follow_a_template(template: str, name: str, run: Run, folder: Path) -> None:
    result = run("upscale", "photo.png", "-o", "out/", "--scale", "2", "--name", template)
    assert result.status == 0
    assert names(folder / "out") == {name}


@pytest.mark.parametrize(
    "template",
    ["", "fixed", "{stem", "{stem.__class__}", "{stem[0]}", "{0}", "a/{stem}", "{stem:>9}", "{x}"],
)
def test_other_templates_are_wrong_use(template: str, run: Run, folder: Path) -> None:
    result = run("upscale", "photo.png", "-o", "out/", "--scale", "2", "--name", template)
    assert result.status == 2
    assert "is no template" in result.err
    assert not (folder / "out").exists()


@pytest.mark.parametrize(
    ("rule", "sizes"),
    [
        (["--fit", "40x40"], {"photo_40x33", "tall_13x40"}),
        (["--min", "40x40"], {"photo_48x40", "tall_40x120"}),
        (["--print", "2x1cm@50"], {"photo_24x20", "tall_13x39"}),
    ],
)
def test_one_target_rule_serves_mixed_sizes(
    rule: list[str], sizes: set[str], run: Run, folder: Path
) -> None:
    save_photo(folder / "tall.png", 4, 12)
    result = run("upscale", "photo.png", "tall.png", "-o", "out", *rule)
    assert result.status == 0
    assert {Path(name).stem for name in results(folder / "out")} == sizes
    if rule[0] == "--print":
        assert read_image(folder / "out" / "photo_24x20.png").metadata.dpi == pytest.approx(
            50, abs=0.02
        )


def test_a_batch_goes_on_where_it_was_interrupted(
    run: Run, folder: Path, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tree.is_dir()
    original = export.ContinuousImage.encode.__func__  # type: ignore[attr-defined]
    seen: list[int] = []

    def third_is_interrupted(cls: Any, image: Any, *args: Any, **options: Any) -> Any:
        seen.append(image.size.width)
        if len(seen) == 3:
            raise KeyboardInterrupt
        return original(cls, image, *args, **options)

    monkeypatch.setattr(export.ContinuousImage, "encode", classmethod(third_is_interrupted))
    assert run("upscale", "photos", *OPTIONS).status == 130
    assert names(folder / "out") == {"b_12x10.png", "a_14x10.jpg", MANIFEST_NAME}
    result = run("upscale", "photos", *OPTIONS, "--resume")
    assert result.status == 0
    assert "2 done, 2 skipped" in result.out
    assert seen == [7, 6, 8, 8, 9]
    assert names(folder / "out") == {*RESULTS, MANIFEST_NAME}


def test_what_changed_since_is_done_again(run: Run, folder: Path, tree: Path) -> None:
    assert run("upscale", "photos", *OPTIONS).status == 0
    (folder / "out" / "b_12x10.png").unlink()
    (folder / "out" / "sub" / "c_16x10.png").write_bytes(b"short")
    save_photo(tree / "a.jpg", 8, 5)
    result = run("upscale", "photos", *OPTIONS, "--resume", "--json", "--overwrite")
    assert result.status == 0
    done = {Path(json.loads(line)["input"]).name for line in result.out.splitlines()}
    assert done == {"a.jpg", "b.png", "c.png"}


def test_other_settings_are_another_batch(run: Run, tree: Path) -> None:
    assert tree.is_dir()
    assert run("upscale", "photos", *OPTIONS).status == 0
    other = ("--recursive", "-o", "out", "--scale", "3", "--resume")
    assert len(run("upscale", "photos", *other, "--json").out.splitlines()) == 4
    assert len(run("upscale", "photos", *other, "--json").out.splitlines()) == 0


def test_a_torn_last_line_is_no_obstacle(run: Run, folder: Path, tree: Path) -> None:
    assert tree.is_dir()
    assert run("upscale", "photos", *OPTIONS).status == 0
    manifest = folder / "out" / MANIFEST_NAME
    content = manifest.read_bytes()
    for cut in (len(content) - 1, len(content) - 40, len(content) - 400):
        manifest.write_bytes(content[:cut])
        result = run("upscale", "photos", *OPTIONS, "--resume")
        assert result.status == 0
        assert " 0 failed" in result.out
        assert names(folder / "out") == {*RESULTS, MANIFEST_NAME}


def test_a_result_of_which_no_end_is_recorded_is_whole(run: Run, folder: Path, tree: Path) -> None:
    """As after a power cut between the last rename and the last line."""
    assert tree.is_dir()
    assert run("upscale", "photos", *OPTIONS).status == 0
    manifest = folder / "out" / MANIFEST_NAME
    lines = manifest.read_text().splitlines(keepends=True)
    manifest.write_text("".join(lines[:-1]))
    assert statuses(manifest)[-1] == ("d.tif", "rendered")
    before = (folder / "out" / "sub" / "deep er" / "d_18x10.tif").stat().st_mtime_ns
    result = run("upscale", "photos", *OPTIONS, "--resume")
    assert result.out.startswith("0 done, 4 skipped because their results are there, 0 failed")
    assert (folder / "out" / "sub" / "deep er" / "d_18x10.tif").stat().st_mtime_ns == before


def test_a_manifest_that_cannot_be_written_is_told(run: Run, folder: Path) -> None:
    (folder / "file").touch()
    result = run("upscale", "photo.png", *OPTIONS, "--manifest", "file/m.jsonl")
    assert result.status == 2
    assert "the manifest file/m.jsonl cannot be written" in result.err
    assert len(result.errors) == 1


FORKED = """
import os, random, signal, sys
from liifgan_core.cli import main
import liifgan_core.cli.upscale  # torch is imported once, for all children
from liifgan_core.batch.manifest import Manifest

num_at_once, max_kills, *arguments = sys.argv[1:]
chance, num_kills = random.Random(5), 0
ready, go = os.pipe(), os.pipe()
enter = Manifest.__enter__

def enter_together(manifest):
    found = enter(manifest)
    os.write(ready[1], b".")
    os.read(go[0], 1)
    return found

if int(max_kills) == 0:  # none has a result before all know what was there
    Manifest.__enter__ = enter_together
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})

def start():
    child = os.fork()
    if child == 0:
        sys.argv = ["liifgan", *arguments]
        try:
            main()
        except SystemExit as end:
            os._exit(end.code or 0)
    return child

while True:
    children = [start() for _ in range(int(num_at_once))]
    if int(max_kills) == 0:
        for _ in children:
            os.read(ready[0], 1)
        os.write(go[1], b"." * len(children))
    if num_kills < int(max_kills):
        signal.sigtimedwait({signal.SIGCHLD}, chance.uniform(0.0, 0.2))
        for child in children:
            os.kill(child, signal.SIGKILL)  # it may have ended: it is a zombie then
        num_kills += 1
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    if all(code >= 0 for code in codes):
        break
print(num_kills, codes, file=sys.stderr)
"""
"""Runs the command line in children of one process, and kills them after random times."""


def forked(folder: Path, data_dir: Path, *arguments: str, at_once: int, max_kills: int) -> str:
    """Run it, and return its last line."""
    environment = {**os.environ, "LIIFGAN_DATA_DIR": str(data_dir), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", FORKED, str(at_once), str(max_kills), *arguments]
    result = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    return result.stderr.splitlines()[-1]


@pytest.fixture
def many_photos(folder: Path) -> int:
    """photos/ with this many photos in three folders; 60 + n wide."""
    for number in range(24):
        (folder / "photos" / f"{number % 3}").mkdir(parents=True, exist_ok=True)
        save_photo(folder / "photos" / f"{number % 3}" / f"{number}.png", 60 + number, 40)
    return 24


ARGUMENTS = (
    *("upscale", "photos", "--model", "tiny", "--device", "cpu", "--precision", "fp32"),
    *OPTIONS,
)


@pytest.mark.skipif(sys.platform != "linux", reason="files without a name are Linux's")
def test_a_killed_batch_leaves_whole_files_only_and_goes_on(
    run: Run, folder: Path, data_dir: Path, many_photos: int
) -> None:
    """Killed with -9 at random moments, eight times."""
    last = forked(folder, data_dir, *ARGUMENTS, "--resume", at_once=1, max_kills=8)
    num_kills, _, codes = last.partition(" ")
    assert int(num_kills) >= 1
    assert codes == "[0]"
    results = names(folder / "out") - {MANIFEST_NAME}
    assert len(results) == many_photos
    assert run(*ARGUMENTS[:-4], "-o", "whole", "--scale", "2").status == 0
    for name in results:
        assert (folder / "out" / name).read_bytes() == (folder / "whole" / name).read_bytes()
    done = [name for name, status in statuses(folder / "out" / MANIFEST_NAME) if status == "done"]
    assert len(done) == len(set(done)) >= many_photos - int(num_kills)


@pytest.mark.skipif(sys.platform != "linux", reason="files without a name are Linux's")
def test_processes_that_are_killed_together_leave_no_claim(
    folder: Path, data_dir: Path, many_photos: int
) -> None:
    last = forked(folder, data_dir, *ARGUMENTS, "--resume", at_once=2, max_kills=4)
    assert last.endswith("[0, 0]")
    assert len(results(folder / "out")) == many_photos


@pytest.mark.skipif(not hasattr(os, "fork"), reason="os.fork is POSIX only")
@pytest.mark.parametrize("options", [(), ("--skip-existing",), ("--resume",), ("--overwrite",)])
def test_processes_on_one_folder_share_the_work(
    options: tuple[str, ...], folder: Path, data_dir: Path, many_photos: int
) -> None:
    last = forked(folder, data_dir, *ARGUMENTS, *options, at_once=2, max_kills=0)
    assert last == "0 [0, 0]"
    assert len(names(folder / "out")) == many_photos + 1
    told = statuses(folder / "out" / MANIFEST_NAME)
    for status in ("started", "rendered", "done"):
        names_of = [name for name, event in told if event == status]
        assert len(names_of) == len(set(names_of)) == many_photos, status
    assert "failed" not in {status for _, status in told}


def test_a_manifest_that_fills_the_disk_ends_the_run_with_one(
    run: Run, folder: Path, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tree.is_dir()
    sync, num_syncs = os.fsync, [0]

    def full_after_a_while(descriptor: int) -> None:
        num_syncs[0] += 1
        if num_syncs[0] > 6:
            raise OSError(28, "No space left on device")
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", full_after_a_while)
    result = run("upscale", "photos", *OPTIONS)
    assert result.status == 1
    assert "cannot be written (No space left on device)" in result.err
    assert "Traceback" not in result.err
    for name in names(folder / "out") - {MANIFEST_NAME}:
        assert read_image(folder / "out" / name).size.height == 10


def test_a_recursive_run_counts_what_it_passes_over_and_names_it_if_told(
    run: Run, folder: Path, tree: Path
) -> None:
    assert tree.is_dir()
    result = run("upscale", "photos", *OPTIONS)
    assert result.out.splitlines()[-1] == (
        "4 done, 0 failed, 3 in folders passed over (-v names them)"
    )
    verbose = run("upscale", "photos", "-v", *OPTIONS, "--resume", "--json")
    assert verbose.status == 0
    assert verbose.out == ""
    assert verbose.errors == [
        "liifgan: photos/.cache is passed over: hidden",
        "liifgan: photos/.hidden.png is passed over: hidden",
        "liifgan: photos/notes.txt is passed over: no photo",
        "0 done, 4 skipped because their results are there, 0 failed, 3 in folders passed over",
    ]


def test_a_folder_without_photos_is_a_failure_and_one_where_all_is_done_is_none(
    run: Run, folder: Path, tree: Path
) -> None:
    (folder / "empty" / "sub").mkdir(parents=True)
    (folder / "empty" / "sub" / "a.txt").touch()
    result = run("upscale", "empty", *OPTIONS)
    assert result.status == 1
    assert result.errors == ["liifgan: empty holds no photo that can be read; name another folder"]
    assert not (folder / "out").exists()
    assert run("upscale", "empty", "photos", *OPTIONS).status == 1
    done = run("upscale", "photos", *OPTIONS, "--resume")
    assert done.status == 0
    assert "0 done, 4 skipped because their results are there" in done.out


def test_a_photo_named_twice_is_done_once(run: Run, folder: Path) -> None:
    result = run("upscale", "photo.png", "./photo.png", ".", *OPTIONS)
    assert (result.status, result.err) == (0, "")
    assert results(folder / "out") == {"photo_24x20.png"}


def test_a_quality_over_a_mixed_folder_is_for_those_that_have_one(
    run: Run, folder: Path, tree: Path
) -> None:
    assert tree.is_dir()
    assert run("upscale", "photos", *OPTIONS).status == 0
    result = run("upscale", "photos", "-r", "-o", "low", "--scale", "2", "--quality", "10")
    assert (result.status, result.err) == (0, "")
    for name in RESULTS:
        same = (folder / "out" / name).read_bytes() == (folder / "low" / name).read_bytes()
        assert same == (not name.endswith(".jpg"))
    asked = ("--quality", "10", "--format", "png", "--overwrite")
    assert "PNG takes no quality" in run("upscale", "photos", *OPTIONS, *asked).err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_a_batch_within_a_photo_and_names_the_way_to_go_on(
    number: int, run: Run, folder: Path, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tree.is_dir()
    original = export.ContinuousImage.encode.__func__  # type: ignore[attr-defined]
    seen: list[int] = []

    def second_is_interrupted(cls: Any, image: Any, *args: Any, **options: Any) -> Any:
        seen.append(image.size.width)
        if len(seen) == 2:
            signal.raise_signal(number)
        return original(cls, image, *args, **options)

    monkeypatch.setattr(export.ContinuousImage, "encode", classmethod(second_is_interrupted))
    before = signal.getsignal(number)
    result = run("upscale", "photos", *OPTIONS)
    assert result.status == 130
    assert result.errors == [
        "liifgan: stopping; press Ctrl-C again to stop at once",
        "liifgan: cancelled; go on with --resume",
    ]
    assert signal.getsignal(number) is before
    assert results(folder / "out") == {"a_14x10.jpg"}
    assert run("upscale", "photos", *OPTIONS, "--resume").status == 0
    assert results(folder / "out") == RESULTS


def test_listed_photos_go_on_as_folders_do(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_photo(folder / "b.png", 5, 4)
    options = ("-o", "out", "--scale", "2")
    assert run("upscale", "photo.png", *options).status == 0
    assert names(folder / "out") == {"photo_24x20.png"}
    assert run("upscale", "b.png", "photo.png", *options).status == 1
    assert names(folder / "out") == {"photo_24x20.png", "b_10x8.png", MANIFEST_NAME}
    again = run("upscale", "b.png", "photo.png", *options, "--resume")
    # Nobody has recorded the result of the one that came alone.
    assert again.status == 1
    assert "photo_24x20.png exists, and is not what this batch has written there" in again.err
    assert again.err.rstrip().endswith("(--overwrite)")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux takes any bytes as names")
@pytest.mark.parametrize(
    "locale",
    [{"LC_ALL": "C"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {}],
    ids=["C", "ASCII", "as it is"],
)
def test_names_that_are_no_text_are_done_once_in_any_locale(
    locale: dict[str, str], folder: Path, data_dir: Path
) -> None:
    photos = [os.fsdecode(b"\xff") + suffix for suffix in (".png", ".tif", ".jpg")]
    (folder / "photos").mkdir()
    for name in photos:
        save_photo(folder / "photos" / "a.png")
        with PilImage.open(folder / "photos" / "a.png") as picture:
            picture.save(folder / "photos" / f"b{Path(name).suffix}")
        (folder / "photos" / f"b{Path(name).suffix}").rename(folder / "photos" / name)
        (folder / "photos" / "a.png").unlink(missing_ok=True)
    environment = {**os.environ, "LIIFGAN_DATA_DIR": str(data_dir), **locale}
    command = [sys.executable, "-m", "liifgan_core", *ARGUMENTS, "--json"]

    def lines(*options: str) -> list[dict[str, Any]]:
        told = subprocess.run(
            [*command, *options], cwd=folder, env=environment, capture_output=True, check=True
        )
        return [json.loads(line) for line in told.stdout.decode("ascii").splitlines()]

    records = lines()
    assert len(records) == len(photos)
    for record in records:
        assert (folder / record["output"]).is_file()
        assert Path(record["input"]).name in photos
    assert lines("--resume") == []
