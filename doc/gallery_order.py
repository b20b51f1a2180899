"""The order of the examples in the gallery."""


class QuickstartFirst:
    """The quickstart, then the others by name."""

    def __init__(self, folder):
        self.folder = folder

    def __call__(self, name):
        return name != "quickstart.py", name

    def __repr__(self):
        return type(self).__name__
