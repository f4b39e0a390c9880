from golden.training import run

__all__ = ["run"]
