"""The seal on a document: signing, validation, augmentation (docs/spec clause 9)."""
