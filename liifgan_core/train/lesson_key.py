"""What lessons are made of, by SHA-256: in their files, and in the checkpoints of their runs."""

import msgspec

from liifgan_core.train.lesson_config import LessonsConfig


class LessonKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What lessons are made of: equal keys, equal lessons."""

    photos: str
    """Fingerprint of the training images."""
    seed: int
    teacher: str
    """SHA-256 of the teacher's weights."""
    features: str
    """SHA-256 of the weights of the network whose features are kept; empty: none are."""
    structure: str
    """SHA-256 over the tensors of the structure layer and what it reads."""
    is_half: bool
    """Made in bf16."""
    options: LessonsConfig
    """Without the numbers of lessons: more can be made later."""

    def differences(self, other: "LessonKey") -> list[str]:
        """Return the names of what is not equal."""
        return [
            name for name in self.__struct_fields__ if getattr(self, name) != getattr(other, name)
        ]
