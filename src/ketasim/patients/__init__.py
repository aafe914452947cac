"""Who receives it: covariates, comedication and virtual populations."""
