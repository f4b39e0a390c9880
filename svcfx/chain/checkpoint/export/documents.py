"""The documents beside exported weights: config.json of each program, with what is known of the voice.

What only training reads, and no converted voice remembers, stands as the programs' own templates have it.
"""

from collections.abc import Mapping
from typing import Any

from svcfx.chain.checkpoint.export.forms import Form, layout_of, unit_mode
from svcfx.chain.checkpoint.family import FORK_DECODERS
from svcfx.chain.diffusion.refiner import Refiner
from svcfx.chain.families import SOVITS41, VEC256, Layout
from svcfx.chain.vits.config import VitsConfig
from svcfx.chain.vits.opened import OpenedGenerator
from svcfx.chain.vocoder import VocoderConfig

LEARNING_RATE = 1e-4
BETAS, EPSILON = (0.8, 0.99), 1e-9
_MEL_BINS = 80


def config(opened: OpenedGenerator, form: Form, bins: int) -> dict[str, Any]:
    """The config.json of a generator.

    Args:
        bins: Bins of the spectrogram that its posterior encoder reads.
    """
    layout = layout_of(form)
    assert layout is not None, "a graph has no config.json"
    return {
        "train": _train(layout, opened.network.config),
        "data": _data(opened, form, bins),
        "model": _model(opened, layout),
        "spk": dict(opened.singers),
    }


def _train(layout: Layout, sizes: VitsConfig) -> dict[str, Any]:
    values: dict[str, Any] = {
        "log_interval": 200, "eval_interval": 800, "seed": 1234, "epochs": 10000,
        "learning_rate": LEARNING_RATE, "betas": list(BETAS), "eps": EPSILON, "batch_size": 6,
        "fp16_run": False, "lr_decay": 0.999875, "segment_size": 20 * sizes.hop, "init_lr_ratio": 1,
        "warmup_epochs": 0, "c_mel": 45, "c_kl": 1.0, "use_sr": True, "max_speclen": 512, "port": "8001",
        "keep_ckpts": 3,
    }  # fmt: skip
    if layout.options:
        values |= {"half_type": "fp16", "all_in_mem": False, "vol_aug": sizes.volume}
    if layout.typed:
        values |= {
            "bf16_run": False, "num_workers": 4, "log_version": 0, "ckpt_name_by_step": False,
            "accumulate_grad_batches": 1,
        }  # fmt: skip
        if sizes.decoder in ("ms-istft", "mb-istft"):
            values |= {
                "fft_sizes": [768, 1366, 342], "hop_sizes": [60, 120, 20], "win_lengths": [300, 600, 120],
                "window": "hann_window",
            }  # fmt: skip
    return values


def _data(opened: OpenedGenerator, form: Form, bins: int) -> dict[str, Any]:
    sizes, layout = opened.network.config, layout_of(form)
    assert layout is not None, "a graph has no config.json"
    values: dict[str, Any] = {
        "training_files": f"{layout.lists}/train.txt",
        "validation_files": f"{layout.lists}/val.txt",
        "max_wav_value": 32768.0, "sampling_rate": sizes.sample_rate, "filter_length": 2 * (bins - 1),
        "hop_length": sizes.hop, "win_length": 2 * (bins - 1), "n_mel_channels": _MEL_BINS,
        "mel_fmin": 0.0, "mel_fmax": sizes.sample_rate / 2,
    }  # fmt: skip
    if layout.units is None:
        values["unit_interpolate_mode"] = unit_mode(opened.unit_mode, form)
    if layout.typed:
        values["contentvec_final_proj"] = opened.content_encoder == VEC256
    return values


def _model(opened: OpenedGenerator, layout: Layout) -> dict[str, Any]:
    sizes = opened.network.config
    values: dict[str, Any] = {
        "inter_channels": sizes.inter, "hidden_channels": sizes.hidden, "filter_channels": sizes.filter,
        "n_heads": sizes.heads, "n_layers": sizes.layers, "kernel_size": sizes.kernel, "p_dropout": 0.1,
        "resblock": "1", "resblock_kernel_sizes": list(sizes.block_kernels),
        "resblock_dilation_sizes": [list(row) for row in sizes.block_dilations],
        "upsample_rates": list(sizes.rates), "upsample_initial_channel": sizes.initial,
        "upsample_kernel_sizes": list(sizes.rate_kernels), "n_layers_q": 3, "use_spectral_norm": False,
        "gin_channels": sizes.speaker_width, "ssl_dim": sizes.content, "n_speakers": sizes.speakers,
    }  # fmt: skip
    if layout.options:
        return values | _newer(opened)
    if layout.typed:
        names = {ours: theirs for theirs, ours in FORK_DECODERS.items()}
        values["type_"] = names[sizes.decoder]
        if sizes.decoder != "nsf-hifigan":
            values |= {"gen_istft_n_fft": sizes.istft_size, "gen_istft_hop_size": sizes.istft_hop}
            values |= {"subbands": sizes.bands}
    return values


def _newer(opened: OpenedGenerator) -> dict[str, Any]:
    sizes = opened.network.config
    values: dict[str, Any] = {
        "vocoder_name": sizes.decoder,
        "speech_encoder": opened.content_encoder,
        "speaker_embedding": False,
        "vol_embedding": sizes.volume,
        "use_depthwise_conv": sizes.flow_depthwise,
        "flow_share_parameter": sizes.flow_shared,
        "n_flow_layer": sizes.flow_layers,
        "use_automatic_f0_prediction": sizes.f0_decoder,
        "use_transformer_flow": sizes.flow_transformer_layers > 0,
    }
    if sizes.flow_transformer_layers:
        values["n_layers_trans_flow"] = sizes.flow_transformer_layers
    return values


def diffusion(refiner: Refiner, vocoder_path: str) -> Mapping[str, Any]:
    """The config.yaml of a diffusion model.

    Args:
        vocoder_path: Where the vocoder lies, as seen from the program's folder.
    """
    sizes = refiner.network.sizes
    return {
        "data": {
            "sampling_rate": refiner.sample_rate, "block_size": refiner.hop, "duration": 2,
            "encoder": refiner.encoder, "cnhubertsoft_gate": 10, "encoder_sample_rate": 16000,
            "encoder_hop_size": 320, "encoder_out_channels": sizes.units,
            "training_files": "filelists/train.txt", "validation_files": "filelists/val.txt",
            "extensions": ["wav"], "unit_interpolate_mode": unit_mode(refiner.unit_mode, SOVITS41.name),
        },
        "model": {
            "type": "Diffusion", "n_layers": sizes.layers, "n_chans": sizes.channels,
            "n_hidden": sizes.hidden, "use_pitch_aug": sizes.pitch_shift, "timesteps": sizes.timesteps,
            "k_step_max": refiner.k_step_max if refiner.k_step_max < refiner.timesteps else 0,
            "n_spk": sizes.speakers,
        },
        "device": "cuda",
        "vocoder": {"type": refiner.vocoder.kind, "ckpt": vocoder_path},
        "infer": {
            "speedup": refiner.speedup,
            "method": None if refiner.method == "naive" else refiner.method,
        },
        "env": {"expdir": "logs/44k/diffusion", "gpu_id": 0},
        "train": {
            "num_workers": 4, "amp_dtype": "fp32", "batch_size": 48, "cache_all_data": True,
            "cache_device": "cpu", "cache_fp16": True, "epochs": 100000, "interval_log": 10,
            "interval_val": 2000, "interval_force_save": 5000, "lr": 0.0001, "decay_step": 100000,
            "gamma": 0.5, "weight_decay": 0, "save_opt": False,
        },
        "spk": dict(refiner.singers),
    }  # fmt: skip


def vocoder(network_config: VocoderConfig) -> Mapping[str, Any]:
    """The config.json of an NSF-HiFiGAN, by the names that releases use."""
    mel = network_config.mel
    base = {"mel_base": "10"} if mel.log_base == "log10" else {}
    return {
        "resblock": "1", "upsample_rates": list(network_config.upsample_rates),
        "upsample_kernel_sizes": list(network_config.upsample_kernels),
        "upsample_initial_channel": network_config.channels,
        "resblock_kernel_sizes": list(network_config.block_kernels),
        "resblock_dilation_sizes": [list(row) for row in network_config.block_dilations],
        "num_mels": mel.bins, "num_freq": mel.fft_samples // 2 + 1, "n_fft": mel.fft_samples,
        "hop_size": mel.hop_samples, "win_size": mel.window_samples, "sampling_rate": mel.sample_rate_hz,
        "fmin": mel.low_hz, "fmax": mel.high_hz,
    } | base  # fmt: skip
