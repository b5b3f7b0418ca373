"""`python -m resdsl`: the command line."""

from resdsl.cli import main

if __name__ == "__main__":
    main()
