"""The plug-in for GIMP: its protocol against a real service, its face against a stand-in."""

import os
import runpy
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest

from integrations.gimp.assemble import assemble
from liifgan_core.resources import user_data_path
from liifgan_core.serve.access import SERVICE_FILE, ServiceFile, write_service_file
from liifgan_core.serve.client import Client
from tests.core.serve.conftest import Serve, Served
from tests.core.serve.conftest import serve as serve
from tests.integrations import stand_in_gimp as gimp
from tests.integrations.stand_in_gimp import Config, Image, Layer


@pytest.fixture
def plug_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The plug-in as it is installed, run as GIMP runs it."""
    gimp.forget()
    for name, module in gimp.modules().items():
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(sys, "path", list(sys.path))
    script = assemble(tmp_path / "plug-ins") / "liifgan-upscale.py"
    yield SimpleNamespace(**runpy.run_path(str(script)))
    gimp.forget()


@pytest.fixture
def served(serve: Serve, detail_weights: Path) -> Served:
    """A service with a tiny model that has a detail layer, found as plug-ins find it."""
    from liifgan_core.render.exporter import open_exporter

    served = serve(
        open_exporter=lambda model, device, precision: open_exporter(
            model, device=device, precision=precision
        )
    )
    content = ServiceFile(
        url="", host="127.0.0.1", port=served.port, token=served.token, pid=1, version=""
    )
    write_service_file(user_data_path(SERVICE_FILE), content)
    return served


@pytest.fixture
def image() -> Image:
    """10 high and 12 wide, with values of all 16 bits."""
    image = Image("float")
    rng = np.random.default_rng(0)
    image.layers = [Layer(rng.integers(0, 65536, (10, 12, 3), dtype=np.uint16), "Photo")]
    return image


def run(plug_in: Any, image: Image, *, mode: str = "interactive", **chosen: Any) -> tuple[str, str]:
    procedure = plug_in.Upscale().do_create_procedure("plug-in-liifgan-upscale")
    values = {**procedure.defaults, **{key.replace("_", "-"): chosen[key] for key in chosen}}
    layers = [layer for layer in image.layers if not layer.name.endswith("(LIIF-GAN)")]
    return procedure.run(procedure, mode, image, layers, Config(**values), None)


def drawn(served: Served, pixels: np.ndarray, folder: Path, **options: Any) -> np.ndarray:
    """Return what the service makes of pixels that are sent without the plug-in."""
    photo, result = folder / "sent.png", folder / "drawn.png"
    cv2.imwrite(str(photo), pixels[..., ::-1])
    with (
        Client("127.0.0.1", served.port, served.token).upscaled(photo, options) as job,
        result.open("wb") as file,
    ):
        served.client.download(job["id"], file)
    return cv2.imread(str(result), cv2.IMREAD_UNCHANGED)[..., ::-1]


def test_it_is_registered_under_its_name_in_the_menu(plug_in: Any) -> None:
    assert gimp.plug_ins == ["gtype"]
    assert plug_in.Upscale().do_query_procedures() == ["plug-in-liifgan-upscale"]
    procedure = plug_in.Upscale().do_create_procedure("plug-in-liifgan-upscale")
    assert procedure.texts["add_menu_path"] == ("<Image>/Filters/Enhance",)
    assert procedure.defaults == {
        "scale": 2.0,
        "width": 0,
        "detail": 1.0,
        "model": "",
        "as-layer": False,
    }


def test_a_layer_becomes_an_image_of_the_asked_size_and_detail(
    plug_in: Any, served: Served, image: Image, tmp_path: Path
) -> None:
    before = image.layers[0].pixels.copy()
    assert run(plug_in, image, scale=2.5, detail=0.5) == ("success", "")
    [result] = gimp.shown
    assert result.precision == "u16"
    expected = drawn(served, before, tmp_path, scale=2.5, detail=0.5, bit_depth=16)
    assert expected.shape == (25, 30, 3)
    np.testing.assert_array_equal(result.layers[0].pixels, expected)
    other = drawn(served, before, tmp_path, scale=2.5, detail=1.0, bit_depth=16)
    assert (other != expected).any()
    # The user's image is as it was, and what was made on the way has gone.
    assert image.undo == []
    np.testing.assert_array_equal(image.layers[0].pixels, before)
    assert [copy.is_deleted for copy in gimp.images] == [True]
    assert gimp.saved[0].profile == "a profile"
    assert gimp.progress == sorted(gimp.progress)
    assert gimp.progress[-1] == 1.0
    assert served.client.jobs() == []


def test_a_selection_becomes_a_layer_above_at_its_place(
    plug_in: Any, served: Served, image: Image, tmp_path: Path
) -> None:
    layer = image.layers[0]
    layer.selection, layer.offsets = (3, 2, 6, 5), (100, 200)
    part = layer.pixels[2:7, 3:9].copy()
    assert run(plug_in, image, width=18, as_layer=True, model="tiny-detail") == ("success", "")
    above, below = image.layers
    assert (above.name, above.offsets) == ("Photo (LIIF-GAN)", (103, 202))
    assert below is layer
    expected = drawn(served, part, tmp_path, width=18, bit_depth=16)
    assert expected.shape == (15, 18, 3)
    np.testing.assert_array_equal(above.pixels, expected)
    assert image.undo == ["start", "end"]
    assert gimp.shown == []


def test_whoever_cancels_the_dialog_changes_nothing(
    plug_in: Any, served: Served, image: Image
) -> None:
    gimp.Dialog.is_confirmed = False
    assert run(plug_in, image)[0] == "cancel"
    assert run(plug_in, image, mode="noninteractive")[0] == "success"
    assert len(gimp.shown) == 1


def test_without_a_service_the_user_reads_how_to_start_it(plug_in: Any, image: Image) -> None:
    assert run(plug_in, image) == (
        "execution error",
        "no service runs; start it with: liifgan serve",
    )
    assert gimp.shown == []
    assert all(copy.is_deleted for copy in gimp.images)


def test_what_the_service_refuses_the_user_reads(
    plug_in: Any, served: Served, image: Image
) -> None:
    status, message = run(plug_in, image, model="none", as_layer=True)
    assert status == "execution error"
    assert "there is no model 'none'; installed: tiny-detail" in message
    assert len(image.layers) == 1
    image.layers[0].selection = (0, 0, 0, 0)
    assert "nothing of the layer is selected" in run(plug_in, image)[1]


def test_more_than_one_layer_is_refused(plug_in: Any, image: Image) -> None:
    image.layers.append(Layer(image.layers[0].pixels, "Other"))
    assert run(plug_in, image) == ("calling error", "Select one layer.")


def test_its_folder_has_all_that_gimp_needs_and_no_copy_lies_in_the_source(tmp_path: Path) -> None:
    folder = assemble(tmp_path)
    assert sorted(path.name for path in folder.iterdir()) == [
        "liifgan-upscale.py",
        "liifgan_client.py",
        "upscaling.py",
    ]
    assert os.access(folder / "liifgan-upscale.py", os.X_OK)
    source = Path(assemble.__code__.co_filename).parent / "liifgan-upscale"
    assert not (source / "liifgan_client.py").exists()
