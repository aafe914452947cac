"""The sections of the report, one file each, in the order of `ketasim.report.registry.BUILT_IN`."""
