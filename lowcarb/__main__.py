"""Run the command line: ``lowcarb``, or ``python -m lowcarb``."""

import signal


def main() -> None:
    """Import the command line and run it.

    Until it is imported nobody could catch an interruption: it ends the process at once, with the
    signal as its status, in place of a traceback. One that is ignored stays ignored.
    """
    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from lowcarb import cli

    if before is signal.default_int_handler:
        signal.signal(signal.SIGINT, before)
    cli.main()


if __name__ == "__main__":
    main()
