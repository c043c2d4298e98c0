"""The cases behind a figure: one by one, what it counts against us, within what somebody may see."""
