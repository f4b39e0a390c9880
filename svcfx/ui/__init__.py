"""The studio: an HTTP API over the verbs of a session, and the page that calls it. No logic of its own."""
