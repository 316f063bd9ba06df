"""EXIF for formats that bound its length."""

from dataclasses import replace

from liifgan_core.images.metadata import exif


def within(block: bytes, num_bytes: int) -> tuple[bytes | None, list[exif.Entry]]:
    """Return the block without its longest values, so that it has at most that many bytes.

    Also these values, the longest first. The block is None where it is too long and damaged.
    """
    left: list[exif.Entry] = []
    while len(block) > num_bytes:
        parsed = exif.parse(block)
        if parsed is None:
            return None, left
        directories = [dict(each) for each in (parsed.main, parsed.photo, parsed.gps)]
        values = sorted(
            (
                (len(entry.data), number, tag)
                for number, directory in enumerate(directories)
                for tag, entry in directory.items()
            ),
            reverse=True,
        )
        if not values:
            return None, left
        excess = len(block) - num_bytes
        for length, number, tag in values:
            if excess <= 0:
                break
            left.append(directories[number].pop(tag))
            excess -= length
        main, photo, gps = directories
        block = exif.to_bytes(replace(parsed, main=main, photo=photo, gps=gps))
    return block, left
