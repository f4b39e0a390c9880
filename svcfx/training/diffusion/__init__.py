"""Training the shallow diffusion of a so-vits-svc 4.1 voice."""
