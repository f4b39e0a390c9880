"""What RVC voices do otherwise than so-vits-svc's: how a stem is cut and heard, followed, and reshaped."""
