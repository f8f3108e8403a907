"""`python -m imgate`: the same as the command `imgate`."""

from imgate.cli.main import main

if __name__ == "__main__":
    main()
