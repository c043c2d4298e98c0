"""The case file and the back office: what is done with a case between the visits of its person."""
