"""The JSON API for programs: kiosks, boards, booking partners, other systems."""
