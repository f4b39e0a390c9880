"""`python -m svcfx` is the command `svcfx`."""

from svcfx.cli.main import main

if __name__ == "__main__":
    main()
