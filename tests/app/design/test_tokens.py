import pytest

from app.design.tokens import CANVAS, DARK, LIGHT, ON_CANVAS, Theme

THEMES = pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
HUED = {"name", "accent", "accent_hover", "error"}


def channels(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour.removeprefix("#")))


def contrast(one: str, other: str) -> float:
    """WCAG 2.2: (brighter + 0.05) / (darker + 0.05) of the relative luminances."""

    def luminance(colour: str) -> float:
        linear = [
            c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
            for c in (channel / 255 for channel in channels(colour))
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    darker, brighter = sorted((luminance(one), luminance(other)))
    return (brighter + 0.05) / (darker + 0.05)


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@THEMES
def test_text_can_be_read(theme: Theme) -> None:
    for ground in (theme.window, theme.raised, theme.field):
        assert contrast(theme.text, ground) >= 7.0
        assert contrast(theme.quiet, ground) >= 4.5
        assert contrast(theme.error, ground) >= 4.5
    for ground in (theme.hover, theme.selection):
        assert contrast(theme.text, ground) >= 4.5
    assert contrast(theme.on_accent, theme.accent) >= 4.5
    assert contrast(theme.on_accent, theme.accent_hover) >= 4.5
    assert contrast(ON_CANVAS, CANVAS) >= 7.0


@THEMES
def test_controls_stand_out(theme: Theme) -> None:
    for ground in (theme.window, theme.raised, theme.field):
        assert contrast(theme.edge, ground) >= 3.0, ground
        assert contrast(theme.accent, ground) >= 3.0, ground


@THEMES
def test_all_but_accent_and_error_is_neutral(theme: Theme) -> None:
    for name in Theme.__slots__:
        if name not in HUED:
            assert len(set(channels(getattr(theme, name)))) == 1, name
    assert len(set(channels(CANVAS))) == 1
    assert max(channels(CANVAS)) < 64
