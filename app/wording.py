"""What the core says of errors and losses, in the app's words. Any thread."""

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication

from liifgan_core.errors import LiifganError, Remedy
from liifgan_core.losses import Loss, LossCode


def told(error: LiifganError) -> str:
    """Return an error's message with what would help here."""
    return with_remedy(str(error), error.remedy)


def with_remedy(message: str, remedy: Remedy | None) -> str:
    """Return a message, which the core gives in English, with what would help here."""
    way_out = _way_out(remedy)
    return f"{message.rstrip('.')}. {way_out}" if way_out else message


def told_loss(loss: Loss) -> str:
    """Return a sentence about what a photo or its result has lost; it does not name the file."""
    return _loss_sentences()[loss.code].format_map(loss.values)


def _way_out(remedy: Remedy | None) -> str:
    translate = QCoreApplication.translate
    match remedy:
        case "memory":
            return translate("wording", "The settings raise the limit: memory for exports.")
        case "max-pixels":
            return translate("wording", "The settings raise the limit: largest photo.")
        case "overwrite":
            return translate("wording", "Choose Replace to write over it.")
        case "folder":
            return translate("wording", "The batch queue takes whole folders.")
        case "manifest":
            return translate("wording", "Choose another folder for the results.")
        case "resume":
            return translate("wording", "Start again to go on.")
        case "cpu":
            return translate("wording", "Choose the CPU as device, which takes longer.")
        case None:
            return ""


def _loss_sentences() -> Mapping[LossCode, str]:
    """Return the sentences in the present language; values stand in them by name."""
    translate = QCoreApplication.translate
    return {
        "bits": translate("wording", "It has {has} bits, its result as {format} {gets}."),
        "bits-asked": translate(
            "wording", "As {format} the result has {gets} bits instead of {asked}."
        ),
        "calibration": translate("wording", "Its {part} cannot be used; sRGB is assumed."),
        "channels": translate("wording", "{count} channels beside colours and alpha are left out."),
        "channels-of-exr": translate(
            "wording", "Made of the channels{layer} {used}; left out: {others}."
        ),
        "cmyk-approximate": translate(
            "wording", "CMYK without a usable profile: colours are approximate."
        ),
        "cmyk-bits": translate("wording", "CMYK of more than 8 bits is read as 8 bits."),
        "code-points": translate(
            "wording", "Unknown colour code points {primaries}/{transfer}: colours are approximate."
        ),
        "damaged": translate("wording", "Damaged and left out: {part}."),
        "display-window": translate(
            "wording", "{format} has no display window: the result is all of the data."
        ),
        "display-window-warped": translate(
            "wording", "The display window is left out: it is not warped along."
        ),
        "facts": translate("wording", "The format has no place for {facts}."),
        "gain-map-apple": translate("wording", "Its gain map is of Apple's kind and is left out."),
        "gain-map-format": translate("wording", "The gain map is left out; JPEG keeps it."),
        "gain-map-misplaced": translate(
            "wording", "Its gain map is not where it should be and is left out."
        ),
        "gain-map-stripped": translate("wording", "The gain map is left out with the metadata."),
        "gain-map-warped": translate(
            "wording", "The gain map is left out: it is not warped along."
        ),
        "lab-gamut": translate("wording", "L*a*b* colours beyond sRGB are moved to its edge."),
        "light-without-opacity": translate(
            "wording", "Light where it is transparent is left out in {format}."
        ),
        "not-carried": translate("wording", "Left out: {what}."),
        "palette": translate(
            "wording", "{format} holds {colours} colours; others become a pattern."
        ),
        "pictures": translate("wording", "Of {amount} pictures only the {used} is used."),
        "profile-linked": translate(
            "wording", "Its colour profile is in another file and is left out."
        ),
        "profile-not-converted": translate(
            "wording", "Its colour profile cannot be converted: colours are approximate."
        ),
        "profile-space": translate("wording", "Its colour profile is for {space} and is left out."),
        "smaller-copy": translate("wording", "It holds nothing but a smaller copy of a picture."),
        "tone-mapped": translate(
            "wording", "{colours} becomes sRGB: {format} of {bits} bits cannot hold it."
        ),
        "too-long": translate("wording", "Too long for {format} and left out: {part}."),
        "transparency": translate(
            "wording", "{format} has no transparency: the picture is put on white."
        ),
        "transparency-mask": translate("wording", "Its transparency mask is left out."),
        "video-range": translate("wording", "Video range: what lies beyond black or white is cut."),
        "white-balance": translate(
            "wording", "The camera's white balance is missing; daylight's is used."
        ),
    }
