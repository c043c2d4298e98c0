"""The command line: what an administrator types; thin, over the same domains as the pages."""
