"""Runs the kind fork_content: the resampler and ContentVec, with the stages on its way."""

import torch

from golden.cases import Array, Case
from svcfx.chain.content import contentvec


def run(case: Case) -> dict[str, Array]:
    """Audio at 16 kHz, convolution features, the first layer's input, and both kinds of content."""
    tensors = {key: torch.from_numpy(value) for key, value in case.weights().items()}
    document = case.config()
    assert case.parameters["content_256_layer"] == contentvec.NARROW_LAYER
    wide = contentvec.build(document, tensors, projected=False)
    narrow = contentvec.build(document, tensors, projected=True)
    with torch.inference_mode():
        audio = contentvec.to_encoder_rate(
            torch.from_numpy(case.tensor("audio44k"))[None], case.parameters["sample_rate_in"]
        )
        features = wide.net.feature_extractor(audio, None)[0]
        projected = wide.net.encoder._preprocess(features, None)[0]
        first = wide.net.encoder.transformer._preprocess(projected)
        return {
            "audio16k": audio[0].numpy(),
            "conv_features": features[0].T.numpy(),
            "hidden0": first[0].numpy(),
            "content_768_last": wide(audio)[0].numpy(),
            "content_256_layer9_proj": narrow(audio)[0].numpy(),
        }
