"""`python -m pitwire.cli`: the same as `pitwire`."""

from pitwire.cli.application import main

if __name__ == "__main__":
    main()
