"""A table of learnt rows that costs nothing while it has no memory."""

from torch import nn


class Rows(nn.Embedding):
    """As `nn.Embedding`, but nothing is drawn for a table on the meta device, which a file fills later.

    There torch draws with code that first imports its compiler: two seconds of a processor for no numbers.
    """

    def reset_parameters(self) -> None:
        """Draw the rows where there is memory for them."""
        if not self.weight.is_meta:
            super().reset_parameters()
