"""The shared blocks architectures are made of: each lists its tensors by checkpoint name, shape and role."""
