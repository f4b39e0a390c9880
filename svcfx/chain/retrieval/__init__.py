"""A singer's own content, and what of it lies nearest to what is heard."""
