"""`pitwire doctor`: tries what a client needs, one thing after the other, and says of each what to mend."""

from pitwire.cli.doctor.command import command

__all__ = ["command"]
