"""`python -m tests.core.goldens [NAME...]` draws golden crops: those named, or those missing."""

import sys

from PIL import Image as PilImage

from liifgan_core.weights.registry import SUFFIX, shipped_weights_dir
from tests.core.goldens import draw, golden_path

for path in sorted(shipped_weights_dir().glob(f"*{SUFFIX}")):
    golden = golden_path(path.stem)
    if path.stem in sys.argv[1:] or (len(sys.argv) == 1 and not golden.exists()):
        PilImage.fromarray(draw(path)).save(golden, optimize=True)
        print(golden)
