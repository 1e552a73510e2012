"""What the gate asks a model, one concern a file. Each gives items to ask, and readings from what was answered."""
