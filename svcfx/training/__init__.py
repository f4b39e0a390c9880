"""Making the voice that ships: material, targets, training. Run `python -m svcfx.training`."""
