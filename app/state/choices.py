"""What a user has chosen for a photo, as one value."""

from dataclasses import dataclass, field

from app.look import Look
from app.state.comparison import Comparison
from app.state.view import View
from liifgan_core.images.detail_mask import DetailMask


@dataclass(frozen=True, slots=True)
class Choices:
    """All that decides what is shown of a photo, so that it can be kept and put back.

    Put it back with `DocumentModel.open`. A new kind of choice, and one that an export must obey,
    is a field here.
    """

    comparison: Comparison = field(default_factory=Comparison)
    look: Look = field(default_factory=Look)
    view: View | None = None
    """Where one looks; None: nowhere yet, so all of the photo will be shown."""
    mask: DetailMask | None = None
    """How strong the detail is at each place, times the look's; None: the same everywhere."""
    is_fitted: bool = True
    """Whether the view shows the whole photo and follows the window's size."""
