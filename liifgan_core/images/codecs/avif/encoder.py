"""Writes AVIF: 8 bits with Pillow, 10 and 12 with OpenCV, both by libavif."""

from io import BytesIO

import cv2
import numpy as np
from PIL import Image as PilImage

from liifgan_core.images.codecs.collector import Collector
from liifgan_core.images.codecs.heif import boxes as heif_boxes
from liifgan_core.images.colour.code_points import SRGB_POINTS, code_points_of
from liifgan_core.images.metadata import exif

_SPEED = 7
"""0 (slow) to 10: above 7 files grow; below, minutes per picture for a few per cent."""


class AvifEncoder(Collector):
    """Writes a picture of 8, 10 or 12 bits, lossy, without subsampling of colours.

    Colours that have code points get these in place of a profile, which would hide them.
    """

    def finish(self) -> None:
        """Encode and write everything."""
        profile = self._layout.icc_profile
        points = code_points_of(profile) if profile else SRGB_POINTS
        profile = None if points else profile
        is_deep = self._layout.bit_depth > 8
        encoded = self._deep(profile) if is_deep else self._shallow(profile)
        self._file.write(heif_boxes.with_code_points(encoded, points) if points else encoded)

    def _shallow(self, profile: bytes | None) -> bytes:
        metadata = self._layout.metadata
        # With an orientation in it, Pillow would write the block anew, and texts only as ASCII.
        block = exif.without_upright(metadata.exif) if metadata.exif else None
        out = BytesIO()
        PilImage.fromarray(self._pixels).save(
            out,
            "AVIF",
            quality=self._layout.quality,
            subsampling="4:4:4",
            speed=_SPEED,
            icc_profile=profile,
            exif=b"Exif\0\0" + block if block else b"",
            xmp=metadata.xmp or b"",
        )
        return out.getvalue()

    def _deep(self, profile: bytes | None) -> bytes:
        layout = self._layout
        blocks = {
            cv2.IMAGE_METADATA_EXIF: layout.metadata.exif,
            cv2.IMAGE_METADATA_XMP: layout.metadata.xmp,
            cv2.IMAGE_METADATA_ICCP: profile,
        }
        kept = {kind: np.frombuffer(data, np.uint8) for kind, data in blocks.items() if data}
        options = {
            cv2.IMWRITE_AVIF_DEPTH: layout.bit_depth,
            cv2.IMWRITE_AVIF_QUALITY: layout.quality or 100,
            cv2.IMWRITE_AVIF_SPEED: _SPEED,
        }
        order = cv2.COLOR_RGBA2BGRA if layout.has_alpha else cv2.COLOR_RGB2BGR
        cv2.cvtColor(self._pixels, order, dst=self._pixels)
        try:
            is_encoded, data = cv2.imencodeWithMetadata(
                ".avif",
                self._pixels,
                list(kept),
                list(kept.values()),
                [number for option in options.items() for number in option],
            )
        except cv2.error as error:
            raise ValueError(str(error)) from error
        if not is_encoded:
            raise ValueError("libavif gave no reason")
        return data.tobytes()
