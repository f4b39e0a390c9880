"""Making voices: from recordings, or, for the voice that ships, from what two speech engines say."""
