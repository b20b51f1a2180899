"""The families of losses: for each kind of kernel the base class of its losses, and their plan."""
