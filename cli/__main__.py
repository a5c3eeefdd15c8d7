"""`python -m atoll_host.cli` is `atoll`."""

from atoll_host.cli.entry import main

if __name__ == "__main__":
    main()
