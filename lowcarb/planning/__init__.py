"""The pure core: from forecast, fleet and history to a plan or to the next cohort."""
