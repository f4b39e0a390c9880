"""Audio files by format: what headers say, what is there, and who decodes it. The door is `svcfx.audio`."""
