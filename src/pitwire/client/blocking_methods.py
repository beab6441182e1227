"""The API's methods for who waits for results: those of `methods`, whose `call` returns what it is answered with.

At run time they are the same; what they return then is declared in the stub beside this module.
"""

from pitwire.client.methods import Methods as BlockingMethods

__all__ = ["BlockingMethods"]
