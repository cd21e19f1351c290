"""A Flower app that trains on scikit-learn's digits, with cohorts chosen by a policy of choice."""
