"""Whether anything sounds different: `python benchmarks/unchanged.py --against COMMIT [--quick]`.

The same work is done by this tree and by a commit of it, each in its own process on one thread: voices of
every family, their weights drawn by rule, are added, sing whole and in streams with many knobs moved, and are
exported; a few steps are trained; the bundled song is rendered. Every result is a hash, and every pair must
be equal. `--quick` leaves out the song and the singers that ship; `--hashes` prints this tree's own.
"""

import argparse
import hashlib
import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

RATE = 44_100
ROOT = Path(__file__).resolve().parent.parent
Hashes = dict[str, str]
SINGERS = ("mei", "alto")
BANDED = {"upsample_rates": [8, 4], "upsample_kernel_sizes": [32, 16], "gen_istft_hop_size": 4,
          "gen_istft_n_fft": 16, "subbands": 4}  # fmt: skip
FULL_INDEX = {"index_rate": 0.6, "protect": 0.3}
PLAIN: Mapping[str, Any] = {}
MOVED: Mapping[str, Any] = {"transpose_semitones": 3.0, "seed": 7, "noise": 0.7, "loudness_follow": 0.4}
STEREO: Mapping[str, Any] = {"stereo": "mid_with_side", "mix": 0.8, "output_gain_db": -2.0}
SUNG: Mapping[str, tuple[Mapping[str, Any], ...]] = {
    "40": (PLAIN, MOVED, {"predict_f0": True}, {"level": "card"}, {"pitch": "crepe-tiny"},
           {"pitch": "dio"}, {"pitch": "harvest"}, {"pitch": "praat", "octave_repair": False}),
    "fork": (PLAIN, MOVED, FULL_INDEX),
    "quickvc": (PLAIN,),
    "mb": (PLAIN,),
    "istft": (PLAIN,),
    "41": (PLAIN, MOVED, {**FULL_INDEX, "blend": 0.5, "blend_with": "alto"}, {"enhancer_key": 3.0},
           {"diffusion_depth": 0.1}, {"diffusion_depth": 0.05, "diffusion_steps": 20, "pitch": "dio",
            "second_encoding": True, "diffusion_method": "dpm-solver++"}, {"level": "card"}),
    "41-volume": (PLAIN, {"pitch": "harvest"}),
    "41-transformer": (PLAIN,),
    "41-snake": (PLAIN, {"level": "card"}),
    "alone": (PLAIN, {"diffusion_only": True, "diffusion_method": "ddim"}),
    "vela": (PLAIN, {"transpose_semitones": 3.0, "seed": 7, "loudness_follow": 0.4, "formant_semitones": 1.5},
             {"level": "card"}, {"index_rate": 0.0, "pitch": "harvest"}),
    "corin": (PLAIN,),
}  # fmt: skip
"""Voices, and the knobs that each sings with."""
SHIPPED = ("vela", "corin")
FORMS: Mapping[str, tuple[str, ...]] = {
    "40": ("sovits40", "fork", "sovits41", "onnx"), "fork": ("fork", "sovits41"), "quickvc": ("fork",),
    "41": ("sovits41", "onnx"), "alone": ("sovits41",),
}  # fmt: skip


def main() -> None:
    """Hash both trees' work and compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--against", metavar="COMMIT")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--hashes", action="store_true")
    options = parser.parse_args()
    if options.hashes:
        print(json.dumps(work(quick=options.quick), indent=1))
        return
    if not options.against:
        parser.error("say --against COMMIT, or --hashes")
    with tempfile.TemporaryDirectory() as place:
        tree = Path(place) / "before"
        _git("worktree", "add", "--detach", "--force", str(tree), options.against)
        try:
            before = _apart(tree, quick=options.quick)
        finally:
            _git("worktree", "remove", "--force", str(tree))
    sys.exit(_compared(before, _apart(ROOT, quick=options.quick)))


def _compared(before: Hashes, after: Hashes) -> int:
    """Print what differs; returns the exit code."""
    odd = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    for name in odd:
        print(f"{name}: {before.get(name, 'not there')[:12]} before, {after.get(name, 'not there')[:12]} now")
    print(f"{len(after) - len(odd)} of {len(before.keys() | after.keys())} results have the same bytes")
    return 1 if odd else 0


def _git(*words: str) -> None:
    subprocess.run(["git", "-C", str(ROOT), *words], check=True, capture_output=True)


def _apart(tree: Path, *, quick: bool) -> Hashes:
    """The hashes of a tree's work, done in a process that imports that tree and this script."""
    command = [
        sys.executable,
        "-P",
        str(Path(__file__).resolve()),
        "--hashes",
        *(["--quick"] if quick else []),
    ]
    paths = os.pathsep.join([str(tree), str(tree / "tests")])
    environment = {**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1", "SVCFX_DEVICE": "cpu"}
    done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    found: Hashes = json.loads(done.stdout[done.stdout.index("{") :])
    return found


def work(*, quick: bool) -> Hashes:
    """Every result of the tree that is imported, as a hash by its name."""
    root = Path.cwd()
    with tempfile.TemporaryDirectory() as place:
        os.environ["SVCFX_HOME"] = str(Path(place) / "home")
        os.chdir(place)
        write_voices()
        found: Hashes = {}
        for name, settings in SUNG.items():
            if quick and name in SHIPPED:
                continue
            found |= dict(sung(name, settings))
        found |= dict(exported()) | dict(trained())
        if not quick:
            found |= dict(rendered(root / "svcfx/demo/session.toml"))
        os.chdir(root)
    return found


def write_voices() -> None:
    """Put a voice of each family on an empty shelf."""
    from golden import weights
    from voices import checkpoints

    from svcfx.voices import encoder

    weights.sv41 = _with_filters(weights.sv41, weights.fork)
    encoder.put(checkpoints.write_encoder(Path("encoder"), hidden=768), "the comparison")
    wide = {"ssl_dim": 768, "singers": SINGERS}
    makers: Mapping[str, Callable[[Path], Any]] = {
        "40": lambda at: checkpoints.write_sovits40(at),
        "fork": lambda at: checkpoints.write_sovits40(at, **wide),
        "quickvc": lambda at: checkpoints.write_sovits40(at, **wide, **BANDED, type_="ms-istft"),
        "mb": lambda at: checkpoints.write_sovits40(at, **wide, **BANDED, type_="mb-istft"),
        "istft": lambda at: checkpoints.write_sovits40(
            at, **wide, upsample_rates=[16, 8], upsample_kernel_sizes=[32, 16], type_="istft"
        ),
        "41": lambda at: checkpoints.write_sovits41(at, singers=SINGERS, diffusion=True),
        "41-volume": lambda at: checkpoints.write_sovits41(at, vol_embedding=True),
        "41-transformer": lambda at: checkpoints.write_sovits41(at, use_transformer_flow=True),
        "41-snake": lambda at: checkpoints.write_sovits41(
            at, vocoder_name="nsf-snake-hifigan", use_automatic_f0_prediction=False
        ),
        "alone": _write_alone,
    }
    for name, write in makers.items():
        write(Path("written") / name)
        if name == "fork":
            checkpoints.write_centres(Path("written/fork/kmeans_1.pt"), SINGERS, width=768)
        if name == "41":
            checkpoints.write_centres(Path("written/41/kmeans_1.pt"), SINGERS)
        svcfx("voices", "add", Path("written") / name, "--name", f"v{name}")


def _with_filters(rule: Any, of_bands: Any) -> Any:
    """The rule of the drawn weights, extended to filters that networks hold."""
    import numpy as np

    def drawn(key: str, shape: tuple[int, ...], salt: str) -> Any:
        if key == "dec.updown_filter":
            return of_bands(key, shape, 7)
        return np.full(shape, 1.0 / shape[-1]) if key.endswith(".filter") else rule(key, shape, salt)

    return drawn


def _write_alone(folder: Path) -> None:
    from voices import checkpoints

    checkpoints.write_diffusion(folder / "diffusion", k_step_max=0)
    checkpoints.write_vocoder(folder / "nsf_hifigan")


def sung(name: str, settings: tuple[Mapping[str, Any], ...]) -> Iterator[tuple[str, str]]:
    """One-shot calls, an automated one and a stream of a voice."""
    from svcfx import Board, Lane, VoiceConversion

    mono = song()
    voice = name if name in SHIPPED else f"v{name}"
    for knobs in settings:
        node = VoiceConversion(voice=voice, **knobs)
        yield f"{name} {json.dumps(knobs)}", digest(node(mono, RATE))
    node = VoiceConversion(voice=voice, **STEREO)
    yield f"{name} stereo", digest(node(stereo(mono), 48_000))
    yield f"{name} stream", digest(streamed(VoiceConversion(voice=voice), mono))
    key = Lane(((0.0, 0.0), (0.5, 2.0), (1.0, -3.0)), "smooth")
    moved = Board([VoiceConversion(voice=voice)])(mono, RATE, automation={"voice.transpose_semitones": key})
    yield f"{name} automated", digest(moved)


def song(seconds: float = 1.6) -> Any:
    """A vowel that glides and breathes, shape (frames,)."""
    import numpy as np

    when = np.arange(round(seconds * RATE)) / RATE
    phase = 2 * np.pi * np.cumsum(220.0 * 2 ** (0.4 * np.sin(2 * np.pi * 0.7 * when) / 2)) / RATE
    tone = sum(np.sin(k * phase) / k for k in range(1, 12)) * 0.1
    breath = np.random.default_rng(5).standard_normal(len(when)) * 0.01
    gate = np.sin(2 * np.pi * 0.6 * when) > -0.5
    return ((tone + breath) * gate).astype(np.float32)


def stereo(mono: Any) -> Any:
    """Two channels that differ, shape (2, frames)."""
    import numpy as np

    return np.stack([mono, np.roll(mono, 40) * np.float32(0.7)])


def streamed(node: Any, mono: Any) -> Any:
    """What a stream of blocks of 1,000 frames gives, flushed."""
    import numpy as np

    pieces = [node(mono[at : at + 1000], RATE, reset=False) for at in range(0, len(mono), 1000)]
    return np.concatenate([*pieces, node.flush()], axis=-1)


def exported() -> Iterator[tuple[str, str]]:
    """Every file of every voice in every form that holds it."""
    for name, forms in FORMS.items():
        for form in forms:
            out = Path("exported") / name / form
            svcfx("voices", "export", f"v{name}", "--format", form, "-o", out)
            yield f"export {name} {form}", digest_of(out, leave_out=("voice.toml",))


def trained() -> Iterator[tuple[str, str]]:
    """Two steps of a small voice."""
    from training.vits import made

    made.shrink()
    dataset = made.dataset(Path("dataset"))
    for family in ("sovits40", "sovits41"):
        out = Path("trained") / family
        svcfx("train", "run", dataset, "-o", out, "--family", family, "--size", "small", "--batch", 2,
              "--steps", 2, "--check-every", 2, "--devices", 1, "-q")  # fmt: skip
        yield f"train {family}", digest_of(out, suffixes=(".pth", ".json"))


def rendered(session: Path) -> Iterator[tuple[str, str]]:
    """The bundled song, its mix and its stems."""
    svcfx("render", session, "-o", "demo", "--quiet")
    yield "demo", digest_of(Path("demo"), suffixes=(".wav", ".flac", ".mp3"))


def svcfx(*words: object) -> None:
    """A command in this process, which must be done."""
    from click.testing import CliRunner

    from svcfx.cli.main import main as command

    done = CliRunner().invoke(command, [str(word) for word in words])
    if done.exit_code:
        raise SystemExit(f"svcfx {' '.join(map(str, words))}: {done.output}") from done.exception


def digest(samples: Any) -> str:
    """SHA-256 of an array's bytes."""
    kept = io.BytesIO(samples.tobytes())
    return hashlib.sha256(kept.getvalue()).hexdigest()


def digest_of(folder: Path, suffixes: tuple[str, ...] = (), leave_out: tuple[str, ...] = ()) -> str:
    """SHA-256 of the files below a folder, their names and bytes."""
    together = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        if path.name in leave_out or (suffixes and path.suffix not in suffixes):
            continue
        together.update(str(path.relative_to(folder)).encode() + path.read_bytes())
    return together.hexdigest()


if __name__ == "__main__":
    main()
