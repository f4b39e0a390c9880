from golden.singing import fork as run

__all__ = ["run"]
