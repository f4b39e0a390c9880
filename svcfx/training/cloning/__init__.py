"""A rough singer from seconds of a recording: the shipped nets, fitted to whom they have not heard."""
