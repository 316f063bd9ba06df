"""How fast models have decoded of late, from the tiles that they have drawn."""

from liifgan_core.render.request import BICUBIC, NEAREST, FrameTile

_OLD_SHARE = 0.8
"""Share of what was known in what is known after one more tile: some ten tiles count."""


class DecodingSpeeds:
    """Output pixels per second, model by model."""

    def __init__(self) -> None:
        self._speeds: dict[str, float] = {}

    def add(self, tile: FrameTile) -> None:
        """Take a tile's time; one that was not decoded, or lies below x1, tells nothing."""
        is_decoded = tile.seconds > 0 and tile.drawn_by not in (NEAREST, BICUBIC)
        if is_decoded and min(tile.viewport.scale) >= 1:
            speed = tile.tile.height * tile.tile.width / tile.seconds
            old = self._speeds.get(tile.drawn_by, speed)
            self._speeds[tile.drawn_by] = _OLD_SHARE * old + (1 - _OLD_SHARE) * speed

    def of(self, model: str) -> float | None:
        """Return a model's output pixels per second; None as long as it has decoded nothing."""
        return self._speeds.get(model)
