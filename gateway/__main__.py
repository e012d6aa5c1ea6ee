"""`python -m gateway`: the same as the command `gateway`. May import: cli."""

from gateway.cli import main

if __name__ == "__main__":
    main()
