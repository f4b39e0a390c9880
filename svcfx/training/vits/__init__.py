"""Training a so-vits-svc voice: generator, discriminators, losses; families 4.0, fork and 4.1."""
