"""Names that policies have in every comparison."""

RANDOM, ILP, ORACLE = "random", "ilp", "oracle"
