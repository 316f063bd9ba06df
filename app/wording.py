"""What helps where the core only says what is wrong: how a user of the app does that."""

from PySide6.QtCore import QCoreApplication

from liifgan_core.errors import LiifganError, Remedy


def told(error: LiifganError) -> str:
    """Return an error's message with what would help here."""
    return with_remedy(str(error), error.remedy)


def with_remedy(message: str, remedy: Remedy | None) -> str:
    """Return a message, which the core gives in English, with what would help here. Any thread."""
    way_out = _way_out(remedy)
    return f"{message.rstrip('.')}. {way_out}" if way_out else message


def _way_out(remedy: Remedy | None) -> str:
    translate = QCoreApplication.translate
    match remedy:
        case "memory":
            return translate("wording", "On the command line, --memory raises the limit.")
        case "max-pixels":
            return translate("wording", "On the command line, --max-pixels raises the limit.")
        case "overwrite":
            return translate("wording", "Existing files can be replaced if you allow it below.")
        case "folder":
            return translate("wording", "The batch queue takes whole folders.")
        case "manifest":
            return translate("wording", "Choose another folder for the results.")
        case "resume":
            return translate("wording", "Start again to go on.")
        case None:
            return ""
