"""Losses with kinks in a smooth form, by way of which linear models are fitted."""


class SmoothForm:
    """Mixed into a loss with kinks: the same loss, round for errors up to a width.

    Not public, and without a function. The kernel and the tags are those of the smooth form.
    """

    width = 1.0

    @classmethod
    def of(cls, loss, width):
        """The smooth form of a loss with kinks: see `Loss._smoothed`."""
        smooth = cls(**loss.get_params())
        smooth.width = width
        return smooth

    def _smoothed(self, width):
        return None
