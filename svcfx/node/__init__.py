"""Nodes: one effect each, called as pedalboard's are."""

from svcfx.node.protocol import Node as Node
from svcfx.node.voice import VoiceConversion as VoiceConversion
