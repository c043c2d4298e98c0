"""Events that programs are told of: who wants which, how they are signed, sent and sent again."""
