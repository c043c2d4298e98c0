"""Old surveys: answers that people gave elsewhere, brought in without a way back to them."""
