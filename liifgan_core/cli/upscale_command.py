"""The options of `liifgan upscale`. Anything heavy is imported when it runs.

Long because each of its options is declared here, with its help.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from liifgan_core.cli.console import print_error
from liifgan_core.cli.wording import WRONG_USE, told
from liifgan_core.errors import LiifganError
from liifgan_core.sizing import RuleKind


def upscale(
    inputs: Annotated[
        list[Path],
        typer.Argument(metavar="INPUT...", help="Photos, or with --recursive folders of them."),
    ],
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="PATH|DIR", help="Result file, or a folder.")
    ],
    scale: Annotated[list[float] | None, typer.Option(help="Factor, e.g. 3.7.")] = None,
    width: Annotated[list[int] | None, typer.Option(help="Width in pixels.")] = None,
    height: Annotated[list[int] | None, typer.Option(help="Height in pixels.")] = None,
    size: Annotated[
        list[str] | None, typer.Option(metavar="WxH", help="Exact width x height.")
    ] = None,
    long_edge: Annotated[list[int] | None, typer.Option(help="Longer side in pixels.")] = None,
    short_edge: Annotated[list[int] | None, typer.Option(help="Shorter side in pixels.")] = None,
    megapixels: Annotated[list[float] | None, typer.Option(help="Millions of pixels.")] = None,
    fit: Annotated[
        list[str] | None, typer.Option(metavar="WxH", help="Largest size within a box.")
    ] = None,
    min_box: Annotated[
        list[str] | None,
        typer.Option("--min", metavar="WxH", help="Smallest size that covers a box."),
    ] = None,
    print_size: Annotated[
        list[str] | None,
        typer.Option(
            "--print", metavar="WxHcm|mm|in@DPI", help="To print on a sheet: 30x20cm@300."
        ),
    ] = None,
    preset: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Sizes by name: web, print-a3, thumbnail, all or yours."),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|PATH", help="Default: the best installed for the device (see 'models')."
        ),
    ] = None,
    detail: Annotated[
        float | None,
        typer.Option(
            help="Strength of the detail layer, 0 to 1.5; default 1. Of models that clean up, 0 is "
            "the photo as it was taken and 1 the cleaned one."
        ),
    ] = None,
    detail_mask: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Gray picture of --detail's strength at each place: times 0 where it is black, "
            "1 where it is white.",
        ),
    ] = None,
    auto_mask: Annotated[
        str | None,
        typer.Option(
            metavar="calm|text",
            help="The same, computed from each photo: less in calm areas, or in text and line art.",
        ),
    ] = None,
    rotate: Annotated[
        float | None, typer.Option(metavar="DEG", help="Turn counter-clockwise, in degrees.")
    ] = None,
    perspective: Annotated[
        str | None,
        typer.Option(
            metavar="X1,Y1,...,X4,Y4",
            help="Corners in the photo of what shall be a rectangle, clockwise from the top left.",
        ),
    ] = None,
    distortion: Annotated[
        str | None, typer.Option(metavar="K1,K2", help="Correct a lens (Brown-Conrady).")
    ] = None,
    frame: Annotated[
        str | None,
        typer.Option(
            metavar="whole|inside|corners",
            help="What is kept of a turned photo; size rules are for it. Default: whole.",
        ),
    ] = None,
    background: Annotated[
        str | None,
        typer.Option(
            metavar="COLOUR",
            help="Beyond the photo: white, black, gray, #RRGGBB; default: transparent, else white.",
        ),
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1, mps, xpu.")] = "auto",
    precision: Annotated[
        str,
        typer.Option(
            help="auto, fp32, bf16, fp16; auto: what the device runs fastest, fp32 above 8 bits."
        ),
    ] = "auto",
    format_name: Annotated[
        str | None,
        typer.Option("--format", help="png, jpg, ...: see 'liifgan formats'; default: by name."),
    ] = None,
    bit_depth: Annotated[
        int | None, typer.Option(help="8, 10, 12, 16 or 32 (float); default: as the input.")
    ] = None,
    quality: Annotated[
        str | None,
        typer.Option(
            metavar="N|FORMAT=N,...",
            help="1 to 100, for JPEG, WebP, AVIF and JPEG XL; by format: webp=100,90.",
        ),
    ] = None,
    consistent: Annotated[
        bool,
        typer.Option("--consistent", help="Make results, reduced, give their photos back."),
    ] = False,
    invented_map: Annotated[
        bool,
        typer.Option("--invented-map", help="Write a map of what was invented beside each result."),
    ] = False,
    strip_metadata: Annotated[
        bool, typer.Option("--strip-metadata", help="Leave EXIF, XMP and the program's note out.")
    ] = False,
    pyramid: Annotated[
        bool, typer.Option("--pyramid", help="Store smaller versions along (TIFF).")
    ] = False,
    recursive: Annotated[
        bool, typer.Option("--recursive", "-r", help="Search folders; their tree is kept.")
    ] = False,
    name: Annotated[
        str,
        typer.Option(
            metavar="TEMPLATE", help="Names in a folder, of {stem} {size} {width} {factor}..."
        ),
    ] = "{stem}_{size}",
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace existing results.")
    ] = False,
    skip_existing: Annotated[
        bool, typer.Option("--skip-existing", help="Leave existing results without an error.")
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a batch: what its manifest has is done.")
    ] = False,
    manifest: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Record of the batch; default: in the output folder."),
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS|local", help="Spread the batch over a Ray cluster."),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Workers on the cluster; default: one per CPU or GPU.")
    ] = None,
    memory: Annotated[
        str | None, typer.Option(metavar="SIZE", help="Bound of memory, e.g. 4G; default 2G.")
    ] = None,
    max_pixels: Annotated[
        int | None, typer.Option(help="Largest photo that is opened; default 178,956,970.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON record per file on stdout.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Name what is passed over in folders.")
    ] = False,
) -> None:
    """Upscale photos to exactly the asked sizes; give one of the ten size rules, or several."""
    from liifgan_core.batch.options import BatchOptions
    from liifgan_core.batch.run import default_manifest
    from liifgan_core.cli import options
    from liifgan_core.cli import upscale as command
    from liifgan_core.cli.upscale_job import UpscaleJob
    from liifgan_core.images.read import DEFAULT_MAX_PIXELS, DEFAULT_MEMORY_BYTES

    given: dict[RuleKind | Literal["size"], Sequence[float | str] | None] = {
        "scale": scale,
        "width": width,
        "height": height,
        "size": size,
        "long-edge": long_edge,
        "short-edge": short_edge,
        "megapixels": megapixels,
        "fit": fit,
        "min": min_box,
        "print": print_size,
    }
    try:
        rules = options.parse_rules(given, preset or ())
        geometry = options.parse_geometry(rotate, perspective, distortion, frame)
        common_quality, qualities = options.parse_quality(quality)
        place = options.parse_output(
            output, format_name, num_inputs=len(inputs), name=name, is_tree=recursive
        )
        place.check_sizes(rules)
        asked = BatchOptions(
            rules=rules,
            output=place,
            model=model,
            device=device,
            precision=precision,
            detail=options.parse_detail(detail),
            detail_mask=options.parse_mask(detail_mask, auto_mask),
            bit_depth=options.parse_bit_depth(bit_depth),
            quality=common_quality,
            qualities=qualities,
            is_consistent=options.parse_consistent(consistent, geometry),
            has_invented_map=invented_map,
            strip_metadata=strip_metadata,
            has_pyramid=pyramid,
            geometry=geometry,
            background=options.parse_background(background, geometry),
            existing=options.parse_existing(overwrite=overwrite, skip_existing=skip_existing),
            resume=resume,
            max_pixels=options.parse_max_pixels(max_pixels, DEFAULT_MAX_PIXELS),
            memory_bytes=options.parse_memory(memory, DEFAULT_MEMORY_BYTES),
        )
        is_kept = recursive or resume or cluster is not None
        is_kept |= asked.output.is_folder and (skip_existing or len(inputs) > 1)
        job = UpscaleJob(
            options=asked,
            is_recursive=recursive,
            manifest=manifest or default_manifest(asked, is_wanted=is_kept),
            cluster=cluster,
            num_workers=options.parse_workers(workers, cluster),
            as_json=as_json,
            is_verbose=verbose,
        )
        status = command.run(inputs, job)
    except LiifganError as error:
        print_error(told(error))
        status = WRONG_USE
    sys.exit(status)
