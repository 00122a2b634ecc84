"""A form with a file, as a page of ours sends it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import frozen
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.exceptions import ClientException

from paystate.entrypoints.console.access import AnyRequest, check_origin, check_token, once
from paystate.entrypoints.interface.settlement.report_file import BYTES_MAX

UPLOAD_BYTES_MAX: Final = BYTES_MAX + 64 * 1024
"""The largest file that is taken, and the fields beside it."""


@frozen(kw_only=True)
class Upload:
    """What came; `file` is None where none was chosen."""

    fields: Mapping[str, str]
    file: UploadFile | None


async def own_upload(request: AnyRequest) -> Upload:
    """Read a form that is our own. The framework keeps a large file on disk while it comes.

    Raises:
        NotAllowed: It comes from another origin, or without the right token.
        ClientException: It is not a form as a page of ours sends one.
        RequestEntityTooLarge: It is larger than the route takes.
    """
    check_origin(request)
    if request.content_type[0] != RequestEncodingType.MULTI_PART:
        raise ClientException
    try:
        sent = [*(await request.form()).multi_items()]
    except (ValueError, LookupError):  # a part in a character set that is not there, or is another one
        raise ClientException from None
    fields = once((name, value) for name, value in sent if isinstance(value, str))
    files = once((name, value) for name, value in sent if isinstance(value, UploadFile))
    check_token(request, fields)
    return Upload(fields=fields, file=files.get("file"))
