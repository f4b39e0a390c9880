"""so-vits-svc-fork and svcfx on the same voice and song, each in a process of its own environment."""
