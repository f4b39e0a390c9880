"""One training step of svcfx and of so-vits-svc-fork, each in a process of its own."""
