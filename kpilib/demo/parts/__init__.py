"""The parts of the demo business, each made from the model and what was made before it."""
