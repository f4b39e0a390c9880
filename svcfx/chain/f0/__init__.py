"""f0 between a tracker and a generator of the so-vits-svc families: length, gaps, bins, contour."""
