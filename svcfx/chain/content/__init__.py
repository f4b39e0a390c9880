"""Content: what hears the words of a stem, and how that is spread over the frames of a generator."""
