"""Recipes by name, and recipes out of files that change them."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from liifgan_core.errors import LiifganError
from liifgan_core.train.config import TrainConfig
from liifgan_core.train.edsr_recipes import EDSR_RECIPES
from liifgan_core.train.paper_recipes import PAPER_RECIPES
from liifgan_core.train.taught_recipes import TAUGHT_RECIPES

RECIPES: dict[str, Callable[[], TrainConfig]] = {
    recipe.__name__: recipe for recipe in (*PAPER_RECIPES, *EDSR_RECIPES, *TAUGHT_RECIPES)
}
"""The recipes by name; hyphens in place of underscores are understood too."""


def find_recipe(name_or_path: str) -> TrainConfig:
    """Return a recipe by name, or a configuration from a .toml or .json file.

    A file with the key "base" changes the recipe of that name, and is called by its own name if it
    gives none. Raises LiifganError for an unknown name or a file that is not a valid configuration.
    """
    recipe = RECIPES.get(name_or_path.replace("-", "_"))
    if recipe is not None:
        return recipe()
    path = Path(name_or_path)
    if path.suffix not in (".toml", ".json"):
        raise LiifganError(
            f"there is no recipe {name_or_path!r}; use one of {', '.join(RECIPES)}, or a .toml or "
            ".json file"
        )
    decode = msgspec.toml.decode if path.suffix == ".toml" else msgspec.json.decode
    try:
        content = decode(path.read_bytes())
        if isinstance(content, dict) and "base" in content:
            content = _on_base({"name": path.stem} | content)
        return msgspec.convert(content, TrainConfig)
    except OSError as error:
        raise LiifganError(f"{path}: cannot be read ({error.strerror})") from error
    except (msgspec.DecodeError, ValueError) as error:
        raise LiifganError(f"{path}: not a valid recipe: {error}") from error


def _on_base(content: dict[str, Any]) -> dict[str, Any]:
    """Return a file's content with all that it does not say taken from the recipe "base"."""
    changes = dict(content)
    base = changes.pop("base")
    if not isinstance(base, str) or base not in RECIPES:
        raise ValueError(f"base {base!r} is none of {', '.join(RECIPES)}")
    return _changed(RECIPES[base](), changes)


def _changed(settings: msgspec.Struct, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings as plain values, with changes in them or in settings that they hold."""
    found: dict[str, Any] = msgspec.to_builtins(settings)
    for key, value in changes.items():
        before = getattr(settings, key, None)
        if isinstance(before, msgspec.Struct) and isinstance(value, dict):
            found[key] = _changed(before, value)
        else:
            found[key] = value
    return found
