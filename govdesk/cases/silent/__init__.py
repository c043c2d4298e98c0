"""The silent ones: who probably left unhappy and said nothing, found by rules and asked one question."""
