"""Work on a Ray cluster; the extra `cluster` brings Ray.

Tasks and results are paths and hashes: what is rendered lies in a folder that every node sees, and no audio
goes through Ray's object store.
"""
