"""Songs of other programs: into a session, and out of one."""
