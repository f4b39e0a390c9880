"""Training a so-vits-svc voice: generator, critics, losses and the loop; families 4.0, fork and 4.1."""
