"""Training an NSF-HiFiGAN further, on the singers that it is to sing."""
