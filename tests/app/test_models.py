from pathlib import Path

import pytest

from app.engine_factory import is_accelerated
from app.state.models import best_pair, find_models
from app.state.stand_ins import stand_ins
from liifgan_core.render.request import BICUBIC, NEAREST, StandIn
from liifgan_core.resources import resource_path
from liifgan_core.weights.descriptor import describe
from liifgan_core.weights.trunks import ExternalNetwork
from tests.app.fakes import model
from tests.conftest import AMX, PLAIN, UseProcessor


@pytest.mark.parametrize(
    ("names", "pair"),
    [
        ([], (NEAREST, BICUBIC)),
        (["plain"], (NEAREST, "plain")),
        (["detail-gan", "plain"], (NEAREST, "detail-gan")),
    ],
)
def test_the_best_model_starts_beside_the_photo_itself(
    names: list[str], pair: tuple[str, str]
) -> None:
    assert best_pair([model(name) for name in names]) == pair


@pytest.mark.usefixtures("natural_models", "tiny_weights")
def test_the_default_of_the_device_comes_first_and_the_rest_in_the_order_of_lists() -> None:
    for answer, order in (
        (True, ["liif-gan", "liif-gan-fast", "liif", "tiny"]),
        (False, ["liif-gan-fast", "liif-gan", "liif", "tiny"]),
    ):
        models, problems = find_models(lambda answer=answer: answer)
        assert [model.name for model in models] == order
        assert problems == []
        assert best_pair(models) == (NEAREST, order[0])
        slow = {model.name for model in models if model.encodes_slowly}
        assert slow == {"liif-gan", "liif-gan-fast"}


def test_a_default_that_cannot_be_used_is_told(
    natural_models: Path, tiny_rrdb: ExternalNetwork, data_dir: Path
) -> None:
    (data_dir / "networks" / tiny_rrdb.weights_name).unlink()
    models, [problem] = find_models(lambda: True)
    assert models[0].name == "liif-gan-fast"
    assert "liifgan weights fetch tiny-rrdb" in problem
    for name in ("liif-gan-fast", "liif"):
        (natural_models / f"{name}.safetensors").unlink()
    models, [problem] = find_models(lambda: True)
    assert [model.name for model in models] == ["liif-gan"]
    assert problem.startswith("no model can be used: liif-gan cannot")


def test_without_models_the_device_is_not_asked() -> None:
    def ask() -> bool:
        raise AssertionError

    assert find_models(ask) == ([], [])


def test_the_device_of_the_settings_decides(
    use_processor: UseProcessor, caplog: pytest.LogCaptureFixture
) -> None:
    use_processor(PLAIN)
    assert not is_accelerated("cpu")
    use_processor(AMX)
    assert is_accelerated("cpu")
    assert not is_accelerated("cuda:99")  # taken away since it was set
    assert "there is no device 'cuda:99' here" in caplog.text


def test_the_models_of_the_family_stand_in_as_they_are_meant_to() -> None:
    """Clean-up is shown as taken while the view moves, not with another model's detail."""
    models = [describe(path) for path in sorted(resource_path("weights").glob("*.safetensors"))]
    chosen = {
        name: stand_ins([name], models, are_wanted=True)
        for name in ("liif-gan", "liif-gan-fast", "liif", "liif-gan-restore")
    }
    assert {name: found[0].model for name, found in chosen.items()} == {
        "liif-gan": "liif-gan-air",
        "liif-gan-fast": "liif-gan-air",
        "liif": "liif-air",
        "liif-gan-restore": "liif-air",
    }
    found = stand_ins(["liif-gan-restore"], models, are_wanted=True, strength=1.0)
    assert found == (StandIn("liif-gan-restore", "liif-air"),)
