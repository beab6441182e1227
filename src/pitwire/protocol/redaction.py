"""Text with the secrets taken out, for logs and messages: API keys, signatures, secret keys.

Works on JSON as text, also on a piece of it that was cut off, so nothing has to be well-formed to be kept secret.
"""

import re
from typing import Final

REDACTED: Final = "[redacted]"

_NAMES: Final = "(?:apiKey|signature|secretKey|privateKeyPem|listenKey|listenToken)"
# A value ends at the quote that is not escaped; in JSON that stands in a JSON string, at the one that is escaped once.
_SECRET: Final = re.compile(rf'("{_NAMES}"\s*:\s*")(?:[^"\\]|\\.)*\\?', re.DOTALL)
_SECRET_IN_A_STRING: Final = re.compile(rf'(\\"{_NAMES}\\"\s*:\s*\\")(?:[^"\\]|\\\\\\?.|\\[^"])*', re.DOTALL)


def redacted(text: str) -> str:
    """`text` with the values of secret JSON members replaced; everything else as it was."""
    text = _SECRET.sub(rf"\g<1>{REDACTED}", text)
    return _SECRET_IN_A_STRING.sub(rf"\g<1>{REDACTED}", text)


def excerpt(message: bytes, characters_max: int) -> str:
    """The beginning of `message` for a log or an error: redacted, its undecodable bytes escaped."""
    text = redacted(message[: 4 * characters_max].decode("utf-8", "backslashreplace"))
    return text if len(text) <= characters_max else text[:characters_max] + "..."
