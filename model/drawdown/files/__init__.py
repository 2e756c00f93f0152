"""Files in: a case, its reports, the priors, and the view of them as of a date."""
