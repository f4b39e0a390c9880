"""Take a song apart into vocals and accompaniment, by a network in an ONNX file."""
