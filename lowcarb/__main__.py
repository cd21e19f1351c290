"""Run the command line as ``python -m lowcarb``."""

from lowcarb.cli import main

if __name__ == "__main__":
    main()
