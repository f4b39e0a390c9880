"""The chain of a so-vits-svc voice: phrases in, content and pitch, generator, refiner, vocoder, joined."""
