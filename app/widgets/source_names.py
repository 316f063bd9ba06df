"""What sources are called in the view and in lists, and what models do, in the user's language."""

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from liifgan_core.render.request import BICUBIC, NEAREST
from liifgan_core.weights.descriptor import WeightsInfo
from liifgan_core.weights.family import FAMILY

_TO_TRANSLATE = (
    QT_TRANSLATE_NOOP("sources", "Natural"),
    QT_TRANSLATE_NOOP("sources", "Natural, fast"),
    QT_TRANSLATE_NOOP("sources", "Faithful"),
    QT_TRANSLATE_NOOP("sources", "Clean up"),
    QT_TRANSLATE_NOOP("sources", "Clean up, fast"),
    QT_TRANSLATE_NOOP("sources", "Natural (quick view)"),
    QT_TRANSLATE_NOOP("sources", "Faithful (quick view)"),
)
"""Labels of the family, where the tool for translations finds them; proper names stay."""
_DESCRIPTIONS = (
    QT_TRANSLATE_NOOP("models", "Draws plausible fine detail; takes its time without a GPU."),
    QT_TRANSLATE_NOOP(
        "models", "Draws plausible detail in a fraction of the time that Natural takes."
    ),
    QT_TRANSLATE_NOOP("models", "Enlarges what the photo tells and invents nothing."),
    QT_TRANSLATE_NOOP("models", "Leaves out noise and compression; takes its time without a GPU."),
    QT_TRANSLATE_NOOP("models", "Leaves out noise and compression in a fraction of the time."),
    QT_TRANSLATE_NOOP(
        "models", "Draws plausible detail in moments, until a better picture is ready."
    ),
    QT_TRANSLATE_NOOP(
        "models", "Enlarges what the photo tells in moments, until a better picture is ready."
    ),
    QT_TRANSLATE_NOOP("models", "A detail layer on deep blocks of EDSR, to compare with."),
    QT_TRANSLATE_NOOP("models", "A detail layer on the features of LIIF, to compare with."),
    QT_TRANSLATE_NOOP("models", "A GAN of one decoder, to compare with."),
    QT_TRANSLATE_NOOP("models", "Draws plausible detail that the photo does not tell."),
    QT_TRANSLATE_NOOP("models", "Leaves out noise and compression of the photo."),
)
"""The same of what models do."""


def source_name(source: str) -> str:
    """Return a source's name for people; a user's own models are called as their files are."""
    if source == NEAREST:
        return QCoreApplication.translate("sources", "Original")
    if source == BICUBIC:
        return QCoreApplication.translate("sources", "Bicubic")
    known = FAMILY.get(source)
    return source if known is None else QCoreApplication.translate("sources", known.label)


def model_description(model: WeightsInfo) -> str:
    """Return the sentence that says what a model does."""
    return QCoreApplication.translate("models", model.description)
