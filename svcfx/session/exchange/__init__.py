"""Songs of other programs: into a session, and out of one."""

FORMATS = ("dawproject", "rpp")
"""What their files end in."""
