"""The version record of Windows programs. Only for builds on Windows."""

from bundle_facts import APP_NAME, VERSION
from PyInstaller.utils.win32.versioninfo import (
    FixedFileInfo,
    StringFileInfo,
    StringStruct,
    StringTable,
    VarFileInfo,
    VarStruct,
    VSVersionInfo,
)

_ENGLISH_UNICODE = (0x0409, 1200)
"""Language and code page, as Windows numbers them."""


def version_info(file_name: str, description: str) -> VSVersionInfo:
    """Return what Explorer shows of a program under Properties, Details."""
    numbers = (*(int(part) for part in VERSION.split(".")[:3]), 0)
    texts = {
        "CompanyName": "The LIIF-GAN developers",
        "FileDescription": description,
        "FileVersion": VERSION,
        "InternalName": file_name.removesuffix(".exe"),
        "LegalCopyright": "BSD-3-Clause; (c) 2026, the LIIF-GAN developers",
        "OriginalFilename": file_name,
        "ProductName": APP_NAME,
        "ProductVersion": VERSION,
    }
    table = StringTable("040904B0", [StringStruct(key, text) for key, text in texts.items()])
    return VSVersionInfo(
        ffi=FixedFileInfo(filevers=numbers, prodvers=numbers),
        kids=[StringFileInfo([table]), VarFileInfo([VarStruct("Translation", _ENGLISH_UNICODE)])],
    )
