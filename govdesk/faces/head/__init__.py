"""The pages of heads: figures that do not lie."""
