"""`pitwire top`: a connection, watched live. It is an ordinary client: all it shows, any program can ask for."""

from pitwire.cli.top.command import command

__all__ = ["command"]
