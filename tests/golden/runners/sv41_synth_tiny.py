from golden.singing import sv41 as run

__all__ = ["run"]
