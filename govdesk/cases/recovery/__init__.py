"""Recovery: who was failed is called back, and somebody answers for it until the person says it is good."""
