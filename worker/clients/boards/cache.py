"""Keep azure-devops from touching the disk: this module is imported before it, and only for that.

The SDK makes a cache directory the moment it is imported, in a home that may be read-only, and keeps API locations
there for twelve hours. An existing directory leaves it nothing to make, and `forget` leaves it no file to write.
"""

import os
import tempfile

os.environ.setdefault("AZURE_DEVOPS_CACHE_DIR", tempfile.gettempdir())


def forget() -> None:
    from azure.devops import _file_cache  # noqa: PLC0415  # importing it above would defeat the line above

    _file_cache.OPTIONS_CACHE.file_name = _file_cache.RESOURCE_CACHE.file_name = ""
