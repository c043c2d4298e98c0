"""A return is our failure: its cause is asked, its unit learns from it, and help is offered before."""
