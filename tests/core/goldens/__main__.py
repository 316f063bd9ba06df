"""`python -m tests.core.goldens [NAME...]` draws golden crops: those named, or those missing."""

import sys

from PIL import Image as PilImage

from liifgan_core.weights.registry import SUFFIX, shipped_weights_dir
from tests.core.goldens import draw, golden_path

shipped = {path.stem: path for path in sorted(shipped_weights_dir().glob(f"*{SUFFIX}"))}
missing = [name for name in shipped if not golden_path(name).exists()]
for name in sys.argv[1:] or missing:
    if name not in shipped:
        sys.exit(f"no model {name!r} is shipped; shipped are {', '.join(shipped)}")
    PilImage.fromarray(draw(shipped[name])).save(golden_path(name), optimize=True)
    print(golden_path(name))
