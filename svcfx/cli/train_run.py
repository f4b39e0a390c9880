"""`svcfx train run`."""

import click


@click.command()
def run() -> None:
    """Train a voice on a dataset."""
