import re
from pathlib import Path

import msgspec
import pytest

from liifgan_core.errors import LiifganError
from liifgan_core.models.config import Tap
from liifgan_core.models.feature_networks import build_feature_network
from liifgan_core.train.config import TrainConfig
from liifgan_core.train.degradations import DegradationConfig
from liifgan_core.train.recipes import RECIPES, find_recipe

PAPER = ["div2k_liif", "div2k_liif_gan_s", "div2k_liif_gan_sf", "div2k_liif_gan"]


@pytest.mark.parametrize("name", PAPER)
def test_the_papers_numbers(name: str):
    recipe = find_recipe(name)
    assert recipe.name == name
    assert (recipe.data.lr_size, recipe.data.patch) == (48, 48)
    assert [(s.low, s.high) for s in recipe.data.scales] == [(1.0, 4.0)]
    assert (recipe.batch_size, recipe.epochs, recipe.repeat) == (128, 1000, 20)
    assert (recipe.learning_rate, recipe.schedule.halve_epochs) == (1e-4, 200)
    assert recipe.num_steps(800) == 125_000
    assert recipe.network.hidden == (256, 256, 256, 256)


def test_faces_are_256_pixels_and_200_epochs():
    recipe = find_recipe("celebahq-liif-gan")
    assert (recipe.data.lr_size, recipe.data.patch, recipe.data.resize_hr) == (64, 64, 256)
    assert recipe.epochs == 200
    assert recipe.data.largest_crop == 256


@pytest.mark.parametrize(
    ("names", "middle"),
    [
        (["div2k_liif_gan_s", "div2k_liif_gan_sf", "div2k_liif_gan"], 8),
        (["cpu_liif_gan_s", "cpu_liif_gan_sf", "cpu_liif_gan_edsr"], "trunk"),
    ],
)
def test_a_family_differs_in_its_taps(names: list[str], middle: Tap):
    recipes = [find_recipe(name) for name in names]
    networks = [recipe.network for recipe in recipes]
    taps = [(network.structure_tap, network.detail_tap) for network in networks]
    assert taps == [("last", None), ("last", "last"), (middle, "last")]
    losses = [recipe.loss for recipe in recipes]
    assert all(loss.gan is not None and loss.perceptual is not None for loss in losses)
    assert losses[1] == losses[2]
    # One decoder has the same terms, but for those that are on the detail layer.
    grid = losses[1].grid_phase
    if grid is not None:
        grid = msgspec.structs.replace(grid, layers=("result",))
    assert losses[0] == msgspec.structs.replace(losses[1], low_pass=0.0, grid_phase=grid)
    data = [(recipe.data, recipe.batch_size, recipe.num_steps(800)) for recipe in recipes]
    assert data[0] == data[1] == data[2]


def test_the_quick_view_is_taught_by_the_default_model():
    recipe = find_recipe("cpu_liif_gan_air")
    assert recipe.init == "liif-air"
    assert recipe.loss.distillation is not None
    assert (recipe.loss.distillation.teacher, recipe.loss.distillation.layer) == (
        "liif-gan",
        "result",
    )


@pytest.mark.parametrize("name", RECIPES)
def test_recipes_are_valid_and_their_layers_exist(name: str, tmp_path: Path):
    recipe = find_recipe(name)
    assert recipe.name == name
    perceptual = recipe.loss.perceptual
    if perceptual is not None:
        assert set(perceptual.layers) <= set(build_feature_network(perceptual.network).names)
    path = tmp_path / "recipe.json"
    path.write_bytes(msgspec.json.encode(recipe))
    assert find_recipe(str(path)) == recipe


def test_a_recipe_can_be_a_toml_file(tmp_path: Path):
    path = tmp_path / "mine.toml"
    path.write_text('name = "mine"\nbatch_size = 4\n[data]\nlr_size = 32\n', encoding="utf-8")
    recipe = find_recipe(str(path))
    assert isinstance(recipe, TrainConfig)
    assert (recipe.name, recipe.batch_size, recipe.data.lr_size) == ("mine", 4, 32)


def test_a_file_can_change_a_recipe(tmp_path: Path):
    path = tmp_path / "old_photos.toml"
    path.write_text(
        """base = "cpu_liif_gan_sf"
batch_size = 4

[data.degradation]
num_stages = 1

[loss]
low_pass = 0.25

[loss.perceptual.layers]
relu3_3 = 1.0
""",
        encoding="utf-8",
    )
    base, recipe = find_recipe("cpu_liif_gan_sf"), find_recipe(str(path))
    assert base.loss.perceptual is not None
    perceptual = msgspec.structs.replace(base.loss.perceptual, layers={"relu3_3": 1.0})
    degradation = DegradationConfig(num_stages=1)
    assert recipe == msgspec.structs.replace(
        base,
        name="old_photos",
        batch_size=4,
        data=msgspec.structs.replace(base.data, degradation=degradation),
        loss=msgspec.structs.replace(base.loss, low_pass=0.25, perceptual=perceptual),
    )


def test_the_documents_list_all_recipes_and_its_files_are_valid(tmp_path: Path):
    text = (Path(__file__).parents[3] / "docs" / "training.md").read_text(encoding="utf-8")
    assert re.findall(
        r"^\| `(\w+)` \| (?:random|public LIIF|`liif-air`)", text, re.MULTILINE
    ) == list(RECIPES)
    files = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    assert len(files) == 2
    for number, content in enumerate(files):
        path = tmp_path / f"{number}.toml"
        path.write_text(content, encoding="utf-8")
        assert find_recipe(str(path)).init == "liif"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('base = "best"\n', "base 'best' is none of div2k_liif"),
        ('base = ["cpu_liif_air"]\n', "is none of"),
        ('base = "cpu_liif_air"\n[data]\nlr_side = 3\n', "lr_side"),
        ('base = "cpu_liif_air"\n[data]\nlr_size = "many"\n', "lr_size"),
        ('base = "cpu_liif_air"\nbatch_size = 0\n', "at least 1"),
    ],
)
def test_changes_that_do_not_fit_are_refused(content: str, message: str, tmp_path: Path):
    path = tmp_path / "mine.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(LiifganError, match=rf"mine\.toml: not a valid recipe: .*{message}"):
        find_recipe(str(path))


def test_unknown_names_and_keys_are_refused(tmp_path: Path):
    with pytest.raises(LiifganError, match="no recipe 'best'; use one of div2k_liif"):
        find_recipe("best")
    with pytest.raises(LiifganError, match="cannot be read"):
        find_recipe(str(tmp_path / "missing.toml"))
    path = tmp_path / "mine.toml"
    path.write_text('name = "mine"\nbatchsize = 4\n', encoding="utf-8")
    with pytest.raises(LiifganError, match="batchsize"):
        find_recipe(str(path))
    path.write_text('name = "mine"\n[data]\nlr_size = 32\npatch_size = 196\n', encoding="utf-8")
    with pytest.raises(LiifganError, match="patch of 196"):
        find_recipe(str(path))
