"""PyInstaller hook for torch, instead of the common one: that takes headers, tests and tools along.

Python modules come by following imports, less those that the spec excludes.
"""

from pathlib import Path

from PyInstaller.utils.hooks import (
    PY_DYLIB_PATTERNS,
    collect_dynamic_libs,
    collect_submodules,
    get_module_file_attribute,
)

# torch's configuration modules read their own source on being imported.
module_collection_mode = "pyz+py"

# Loaded by name: torch._dynamo, which optimizers need, imports these from a list.
hiddenimports = collect_submodules("torch._dynamo.polyfills")

_TEST_LIBRARIES = ("jitbackend_test", "backend_with_compiler", "torchbind_test", "aoti_custom_ops")

# torch_global_deps is opened by its path, so no analysis of dependencies finds it.
binaries = [
    (source, target)
    for source, target in collect_dynamic_libs(
        "torch", search_patterns=[*PY_DYLIB_PATTERNS, "*.so.*"]
    )
    if Path(target).parts[1:] == ("lib",)
    and not any(name in Path(source).name for name in _TEST_LIBRARIES)
]

# `import torch` fails without the manager of shared memory, which only exists beside Unix builds.
_manager = Path(get_module_file_attribute("torch")).parent / "bin" / "torch_shm_manager"
if _manager.exists():
    binaries.append((str(_manager), "torch/bin"))

# Links beside the program make torch look for its libraries in the wrong folder.
bindepend_symlink_suppression = ["**/torch/lib/*.so*"]
