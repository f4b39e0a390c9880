"""A parametric voice trained further on the recordings of its singers."""
