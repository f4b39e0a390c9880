"""What CONTRIBUTING.md shows, as files that tests run."""
