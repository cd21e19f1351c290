"""Why a request failed, in our own words: what libraries say can hold anything."""


def why(error: BaseException) -> str:
    """Say what went wrong."""
    chain = _chain(error)
    names = {type(error).__name__ for error in chain}
    for known, text in (
        ({"NameResolutionError", "gaierror"}, "its name cannot be resolved"),
        ({"ConnectTimeout", "ConnectTimeoutError"}, "it cannot be reached in time"),
        ({"SSLError", "SSLCertVerificationError"}, "its certificate is not trusted"),
        ({"ProxyError"}, "the proxy cannot be reached"),
        ({"ReadTimeout", "ReadTimeoutError", "TimeoutError"}, "no answer came in time"),
        ({"ConnectionRefusedError"}, "the connection was refused"),
        ({"DecodeError", "ContentDecodingError"}, "the answer cannot be unpacked"),
        (
            {"IncompleteRead", "ProtocolError", "ChunkedEncodingError", "RemoteDisconnected"},
            "the answer broke off",
        ),
    ):
        if names & known:
            return text
    return f"the request failed ({type(error).__name__})"


def _chain(error: BaseException) -> list[BaseException]:
    """All errors behind an error, those in its arguments too."""
    found: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        cause = waiting.pop()
        if isinstance(cause, BaseException) and cause not in found:
            found.append(cause)
            reason = getattr(cause, "reason", None)
            waiting += [*cause.args, cause.__cause__, cause.__context__, reason]
    return found
