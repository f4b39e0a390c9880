"""`svcfx voices`: what can be sung with, and how more comes."""

from svcfx.cli.voices.group import voices as voices
