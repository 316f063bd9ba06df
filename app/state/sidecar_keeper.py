"""Saves the open photo's edit beside it once the user has painted, and when told to."""

import logging

from PySide6.QtCore import QObject, QTimer, Signal

from app.state.document import DocumentModel
from app.state.mask_editor import MaskEditor
from app.state.photo import Photo
from app.state.sidecar import Edit, SidecarError, Stored, sidecar_path, write_edit

_DELAY_MS = 1500
"""After the last change, so that a series of strokes is written once."""

_logger = logging.getLogger(__name__)


class SidecarKeeper(QObject):
    """Writes sidecar files. Main thread: a file takes up to a tenth of a second, after a rest.

    Nothing is written for a photo that was only looked at. What cannot be written is told once.
    """

    failed = Signal(str)
    """A message for the user."""
    changed = Signal()
    """What `state_text` says."""

    def __init__(
        self, document: DocumentModel, editor: MaskEditor, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._photo: Photo | None = None
        self._stored: Stored | None = None
        self._problem = ""
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.setInterval(_DELAY_MS)
        self._delay.timeout.connect(self._save_present)
        document.photo_about_to_change.connect(self.flush)
        document.photo_changed.connect(self._take_photo)
        document.look_changed.connect(self._follow_look)
        editor.edited.connect(self._delay.start)

    def state_text(self) -> str:
        """Return where the edit is kept, or why it is not, for people."""
        photo = self._photo
        if photo is None or photo.path is None:
            return self.tr("A picture without a file has no place to keep its edit.")
        if self._problem:
            return self._problem
        name = sidecar_path(photo.path).name
        if self._stored is not None and self._stored.edit == self._edit():
            return self.tr("Saved as {0}").format(name)
        if self._delay.isActive():
            return self.tr("Will be saved as {0}").format(name)
        return self.tr("Will be saved as {0} once you have painted").format(name)

    def save(self) -> None:
        """Save now, whether or not there is a mask; what goes wrong is told."""
        self._problem = "" if self._photo is None else (self._photo.edit_problem or "")
        self._save_present()

    def flush(self) -> None:
        """Save what waits to be saved: another photo, or the end."""
        if self._delay.isActive():
            self._save_present()

    def _take_photo(self) -> None:
        self._delay.stop()
        photo = self._photo = self._document.photo
        self._stored = None if photo is None else photo.edit
        self._problem = "" if photo is None else (photo.edit_problem or "")
        if self._problem:
            self.failed.emit(self._problem)
        self.changed.emit()

    def _follow_look(self) -> None:
        """The strength is a part of an edit that is kept already."""
        stored = self._stored
        if stored is not None and stored.edit.detail != self._document.look.detail:
            self._delay.start()

    def _edit(self) -> Edit:
        return Edit(self._document.look.detail, self._document.mask)

    def _save_present(self) -> None:
        self._delay.stop()
        photo, edit = self._photo, self._edit()
        if photo is None or photo.path is None:
            return
        if self._stored is not None and self._stored.edit == edit:
            return
        if photo.edit_problem:  # somebody else's file is there
            self.failed.emit(photo.edit_problem)
            return
        known = None if self._stored is None else self._stored.digest
        try:
            self._stored = write_edit(photo.path, photo.image.size, edit, known=known)
            self._problem = ""
        except SidecarError as error:
            if str(error) != self._problem:
                self.failed.emit(str(error))
            self._problem = str(error)
            _logger.warning("%s", error)
        self.changed.emit()
